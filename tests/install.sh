#!/bin/sh
# What `make install` puts down is enough: the program runs, the man page and the standard library are
# there, a C program builds with what pkg-config says and runs, and the public headers are C++ too.
set -u
cd "$RANK_BUILD" || exit 1
if grep -Eq '^RK_CFLAGS = .*(-fsanitize|--coverage)' Makefile; then
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
try() { # try WHAT COMMAND...
    what=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$what:"
        cat "$work/said"
    fi
}

unset MAKEFLAGS MAKELEVEL MFLAGS
try 'make install' make -s install DESTDIR="$work"
prefix=$work$(sed -n 's/^prefix=//p' rank.pc)
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib"
flags=$(pkg-config --define-variable=prefix="$prefix" --cflags --libs rank)

try 'the program' "$prefix/bin/rankc" --version
try 'the man page' test -s "$prefix/share/man/man1/rankc.1"
try 'the standard library' test -s "$prefix/share/rankc/prelude.rank"
if [ -e .libs/librankc_llvm.so ]; then
    plugin=$prefix/lib/rankc/librankc_llvm.so
    try 'the plug-in' env RANKC_LLVM="$plugin" sh -c '"$0" doctor | grep -q "^engines.*LLVM 19\|level v3"' "$prefix/bin/rankc"
fi
try 'an embedder' ${CC:-cc} -std=c11 -Wall -Wextra -Werror -o "$work/embedder" \
    "$RANK_SRC/tests/install.c" -L"$prefix/lib" -lrankc $flags
try 'the embedder runs' "$work/embedder"
if command -v ${CXX:-c++} >/dev/null; then
    printf '#include <compiler/rankc.h>\nint main() { return 0; }\n' >"$work/embedder.cc"
    try 'an embedder in C++' ${CXX:-c++} -std=c++17 -Wall -Wextra -Werror -o "$work/embedder" "$work/embedder.cc" $flags
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
