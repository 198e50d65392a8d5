rank_sources += \
    %D%/arena.c %D%/arena.h \
    %D%/atom.c %D%/atom.h \
    %D%/buf.c %D%/buf.h \
    %D%/context.c %D%/context.h \
    %D%/cpu.c %D%/cpu.h \
    %D%/decimal.c %D%/decimal.def \
    %D%/diag.c %D%/diag.h %D%/diag.def \
    %D%/diag_print.c \
    %D%/digits.h \
    %D%/file.c %D%/file.h \
    %D%/flag.h \
    %D%/input.c %D%/input.h \
    %D%/json.c %D%/json.h \
    %D%/map.c %D%/map.h \
    %D%/number.c \
    %D%/plugin.c %D%/plugin.h \
    %D%/poison.h %D%/pool.c %D%/pool.h \
    %D%/product.c %D%/product.h \
    %D%/simd.h \
    %D%/status.h \
    %D%/str.c %D%/str.h \
    %D%/vec.h \
    %D%/vmath.c %D%/vmath.h \
    %D%/vmath_angle.h \
    %D%/vmath_exp.h \
    %D%/vmath_lane.h \
    %D%/vmath_lane_s0.h \
    %D%/vmath_lane_v3.h \
    %D%/vmath_lane_v4.h \
    %D%/vmath_reg.h \
    %D%/vmath_stamp.h

# Compiled once per vector level; see Makefile.am.
simd_sources += \
    %D%/product_simd.c \
    %D%/vmath_exp_simd.c \
    %D%/vmath_log_simd.c \
    %D%/vmath_pow_simd.c \
    %D%/vmath_trig_simd.c
