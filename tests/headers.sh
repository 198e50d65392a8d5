#!/bin/sh
# Every header compiles alone as C11, the public ones as strict C11 and C++17 too, without the tree's
# include path beyond the folder they are installed from. One case per header and language.
set -u
cd "$RANK_SRC" || exit 1
passed=0 failed=0 skipped=0
compiles() { # compiles HEADER COMPILER FLAG...
    header=$1
    shift
    if printf '#include "%s"\n#include "%s"\n' "$header" "$header" | "$@" -I. -fsyntax-only -Wall -Wextra -Werror -; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$header: refused by: $*"
    fi
}

# LLVM's headers, where the build has them; where it has not, what shows them is left out.
llvm=$(sed -n 's/^LLVM_CPPFLAGS = //p' "$RANK_BUILD/Makefile")

for header in $(find runtime stdlib compiler grammar -name '*.h' | sort); do
    # A level's part of a header is reached through the whole of it.
    level=
    case $header in
    *_s0.h) level='-DRK_SIMD=0' header=${header%_s0.h}.h ;;
    *_v[34].h)
        level=${header##*_v} level=${level%.h}
        header=${header%_v[34].h}.h level="-DRK_SIMD=$level -march=x86-64-v$level"
        ;;
    esac
    case $llvm:$header in
    :compiler/emit/emit.h | :compiler/emit/link.h) ;;
    :compiler/emit/*)
        skipped=$((skipped + 1))
        continue
        ;;
    esac
    compiles "$header" ${CC:-cc} -x c -std=c11 -D_GNU_SOURCE "-I$RANK_BUILD" $llvm $level
done
for header in runtime/rank.h runtime/rank_packed.h runtime/exec/exec.h compiler/rank_source.h compiler/rankc.h; do
    compiles $header ${CC:-cc} -x c -std=c11 -pedantic
    if command -v ${CXX:-c++} >/dev/null; then
        compiles $header ${CXX:-c++} -x c++ -std=c++17
    else
        skipped=$((skipped + 1))
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
