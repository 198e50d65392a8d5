#!/bin/sh
# Every source stands in the local.mk of its folder, so that it is built, and is in the tarball. One
# case per file.
set -u
cd "$RANK_SRC" || exit 1
passed=0 failed=0
for file in $(find runtime stdlib grammar compiler tests -name '*.[chly]' -o -name '*.def' -o -name '*.rank' -path 'stdlib/*' | sort); do
    name=${file##*/}
    case $file in
    tests/*) lists=tests/local.mk name="${name%.c}\(\.c\)\?" ;;
    runtime/*.h | compiler/*.h) lists="${file%/*}/local.mk Makefile.am" ;;
    *) lists=${file%/*}/local.mk ;;
    esac
    if grep -q "/$name\( \|\$\)" $lists 2>/dev/null; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$file: not in $lists"
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
