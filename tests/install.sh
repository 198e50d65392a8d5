#!/bin/sh
# What `make install` puts down is enough: the program runs, the man page and the standard library are
# there, C programs build with what pkg-config says and run, and the public headers are C++ too.
set -u
cd "$RANK_BUILD" || exit 1
if grep -Eq '^RK_CFLAGS = .*(-fsanitize|--coverage)' Makefile; then
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
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
run_flags=$(pkg-config --define-variable=prefix="$prefix" --cflags --libs rank)
compile_flags=$(pkg-config --define-variable=prefix="$prefix" --cflags --libs rankc)
c11="${CC:-cc} -std=c11 -pedantic -Wall -Wextra -Werror"
cxx17="${CXX:-c++} -std=c++17 -pedantic -Wall -Wextra -Werror"
has_cxx() { command -v ${CXX:-c++} >/dev/null; }

try 'the program' "$prefix/bin/rankc" --version
try 'the man page' test -s "$prefix/share/man/man1/rankc.1"
try 'the manual of the language' test -s "$prefix/share/doc/rankc/LANGUAGE.md"
try 'the standard library' test -s "$prefix/share/rankc/prelude.rank"
for file in bash-completion/completions/rankc zsh/site-functions/_rankc fish/vendor_completions.d/rankc.fish; do
    try "completions: $file" grep -q "made by .rankc completion" "$prefix/share/$file"
done
plugin=$prefix/lib/rankc/librankc_llvm.so
if [ -e .libs/librankc_llvm.so ]; then
    try 'the plug-in' env RANKC_LLVM="$plugin" sh -c '"$0" doctor | grep -q "^engines.*LLVM 19\|level v3"' "$prefix/bin/rankc"
fi

# ---- librankc: programs from source ----

try 'an embedder of the compiler' ${CC:-cc} -std=c11 -Wall -Wextra -Werror -o "$work/compiler" \
    "$RANK_SRC/tests/install.c" $compile_flags
try 'it runs' "$work/compiler"
if has_cxx; then
    printf '#include <compiler/rankc.h>\nint main() { return 0; }\n' >"$work/compiler.cc"
    try 'an embedder of the compiler in C++' ${CXX:-c++} -std=c++17 -Wall -Wextra -Werror \
        -o "$work/compiler" "$work/compiler.cc" $compile_flags
fi

# ---- librank: the example ----

example=$RANK_SRC/examples/embed
try 'the example' $c11 -o "$work/embed" "$example/embed.c" $run_flags
if has_cxx; then
    try 'the example in C++' $cxx17 -x c++ -o "$work/embed++" "$example/embed.c" $run_flags
fi
ldd "$work/embed" | awk '{ print $1 }' >"$work/needs"
try 'the example needs librank.so.0' grep -q '^librank\.so\.0$' "$work/needs"
needs_no() { ! grep -Eiq 'llvm|librankc|libfl|bison|stdc' "$work/needs"; }
try 'and no compiler' needs_no

# places FILE COLUMNS: these columns of a list as CSV
places() { cut -d, -f"$2" "$1"; }
same() { "$@" >"$work/got" && diff -u "$work/want" "$work/got"; }

if [ -e "$plugin" ]; then
    export RANKC_LLVM="$plugin" RANKC_CACHE="$work/cache"
    try 'the bundle' "$prefix/bin/rankc" compile --emit=bundle --show=name -o "$work/shop.rankb" \
        "$example/shop.rank"
    cp "$example/expected.csv" "$work/want"
    export RANKC_LLVM=none
    try 'the example prints what it should' same "$work/embed" "$work/shop.rankb"
    if has_cxx; then
        try 'the example in C++ does too' same "$work/embed++" "$work/shop.rankb"
    fi
    "$prefix/bin/rankc" run --format=csv --show=name --requests "$example/request.jsonl" \
        "$example/shop.rank" >"$work/ran"
    places "$work/ran" 2,3,5 >"$work/want"
    places "$example/expected.csv" 1,2,4 >"$work/places"
    try 'rankc run prints the same list' same cat "$work/places"
    head -c 3000 "$work/shop.rankb" >"$work/cut.rankb"
    refuses() { ! "$work/embed" "$1" 2>"$work/refused" && grep -q "$2" "$work/refused"; }
    try 'a truncated bundle is refused' refuses "$work/cut.rankb" E0611
    try 'a program is no bundle' refuses "$example/shop.rank" E0610
    try 'no file is no bundle' refuses "$work/none.rankb" E0601
else
    echo 'bundles: skipped, there is no native code'
    skipped=$((skipped + 1))
fi
make -s uninstall DESTDIR="$work" >/dev/null 2>&1
try '`make uninstall` leaves no file' sh -c '! find "$0" -type f -o -type l | grep .' "$prefix"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
