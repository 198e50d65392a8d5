"""The formula by Numba, as C functions: with fastmath as installed, and with libmvec wired in.

Numba calls the scalar expf and log1pf, which LLVM's vectoriser leaves in scalar loops; only Intel's
SVML, which PyPI does not have, is known to it. Here the calls carry the attribute by which LLVM
learns of vector variants (vector-function-abi-variant), naming those of glibc's libmvec.
"""
import ctypes
import math
import os

import llvmlite.binding as llvm
from llvmlite import ir
import numpy as np
from numba import carray, cfunc, types
from numba.core import cgutils
from numba.extending import intrinsic

COLUMN = types.CPointer(types.float32)
SIGNATURE = types.void(*[COLUMN] * 6, types.float32, COLUMN, types.uint64)
VARIANTS = ((16, "e", 16), (8, "d", 8))  # lanes, letter of the instruction set, in libmvec's names


def keep(module, functions):
    """Declarations that nothing calls yet stay in the module."""
    byte = ir.IntType(8).as_pointer()
    old = module.globals.get("llvm.compiler.used")
    values = [f.bitcast(byte) for f in functions]
    if old is not None:
        return
    array = ir.ArrayType(byte, len(values))
    used = ir.GlobalVariable(module, array, "llvm.compiler.used")
    used.linkage = "appending"
    used.section = "llvm.metadata"
    used.initializer = ir.Constant(array, values)


def scalar_with_variants(module, name):
    """float NAME(float), known to have vector variants."""
    real = ir.FloatType()
    names = {lanes: f"_ZGV{letter}N{lanes}v_{name}" for lanes, letter, _ in VARIANTS}
    mapping = ",".join(f"_ZGV_LLVM_N{lanes}v_{name}({full})" for lanes, full in names.items())
    extra = f'"vector-function-abi-variant"="{mapping}"'
    scalar = module.globals.get(name)
    if scalar is None:
        scalar = ir.Function(module, ir.FunctionType(real, [real]), name)
        scalar.attributes._known = scalar.attributes._known | {extra, "willreturn"}
        for attribute in ("nounwind", "readnone", "willreturn", extra):
            scalar.attributes.add(attribute)
        for lanes, full in names.items():
            lane = ir.VectorType(real, lanes)
            ir.Function(module, ir.FunctionType(lane, [lane]), full)
    return scalar, [module.globals[full] for full in names.values()]


def libm(name):
    @intrinsic
    def call(typingctx, x):
        def codegen(context, builder, signature, args):
            everything = []
            for other in ("log1pf", "expf"):
                scalar, variants = scalar_with_variants(builder.module, other)
                everything += variants
                if other == name:
                    chosen = scalar
            keep(builder.module, everything)
            return builder.call(chosen, args, fastmath=("fast",))

        return types.float32(types.float32), codegen

    return call


mvec_log1p, mvec_exp = libm("log1pf"), libm("expf")


def as_installed():
    one, tenth = np.float32(1), np.float32(0.1)

    @cfunc(SIGNATURE, fastmath=True, error_model="numpy")
    def score(rating, weight, price, clicks, age, x, avg, out, n):
        for i in range(n):
            out[i] = (rating[i] * tenth * weight[i] - price[i] / avg
                      + np.log1p(clicks[i]) / math.sqrt(one + age[i]) + one / (one + math.exp(-x[i])))

    return score


def with_libmvec():
    one, tenth = np.float32(1), np.float32(0.1)
    llvm.load_library_permanently("libmvec.so.1")

    @cfunc(SIGNATURE, fastmath=True, error_model="numpy")
    def score(rating, weight, price, clicks, age, x, avg, out, n):
        for i in range(n):
            out[i] = (rating[i] * tenth * weight[i] - price[i] / avg
                      + mvec_log1p(clicks[i]) / math.sqrt(one + age[i]) + one / (one + mvec_exp(-x[i])))

    return score
