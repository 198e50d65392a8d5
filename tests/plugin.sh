#!/bin/sh
# The plug-in that makes native code, as rankc sees it: found where it was built, opened only when code
# is wanted, refused with a reason when it is another's; objects are the same each time.
set -u
cd "$RANK_BUILD" || exit 1
rankc=$RANK_BUILD/rankc
plugin=$RANK_BUILD/.libs/librankc_llvm.so
work=$(mktemp -d "${TMPDIR:-/tmp}/rankc-plugin.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
unset RANKC_LLVM

check() { # check WHAT TEST...
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$what"
    fi
}
engines() { "$rankc" doctor | sed -n 's/^engines *//p'; }
says() { # says WHAT: the engines are the words on stdin
    expected=$(cat)
    said=$(engines)
    check "$1: $said" [ "$said" = "$expected" ]
}

# ---- without it ----

RANKC_LLVM=none
export RANKC_LLVM
says none <<'END'
interpreter; no native code: RANKC_LLVM is none
END
RANKC_LLVM=$work/none.so
says 'no file' <<END
interpreter; no native code: $work/none.so is not there
END
RANKC_LLVM=$work/text.so
echo text >"$RANKC_LLVM"
case $(engines) in *"no native code: $RANKC_LLVM: "*) check 'a text' true ;; *) check 'a text' false ;; esac

# A library with a table of this version number and version of rankc, and the stamp of no build; none if
# it is empty.
fake() { # fake VERSION RANKC
    printf 'const struct { unsigned version; const char *rankc, *stamp; } rk_%s = { %s, "%s", "0" };\n' \
        "$([ -n "$1" ] && echo emitter_llvm || echo nothing)" "${1:-0}" "$2" >"$work/fake.c"
    ${CC:-cc} -shared -fPIC -o "$work/fake$1$2.so" "$work/fake.c"
    RANKC_LLVM=$work/fake$1$2.so
}
fake '' ''
says 'another library' <<END
interpreter; no native code: $RANKC_LLVM is not the plug-in of rankc
END
fake 999 0.1.0
case $(engines) in *" has interface 999, and this is rankc with "*) check 'interface' true ;; *) check "interface: $(engines)" false ;; esac
interface=$(sed -n 's/^enum { RK_EMITTER_VERSION = \([0-9]*\) };$/\1/p' "$RANK_SRC/compiler/emit/emit.h")
fake "$interface" 0.0.0
says 'version' <<END
interpreter; no native code: $RANKC_LLVM is of rankc 0.0.0, and this is $("$rankc" --version | head -n 1)
END
fake "$interface" "$("$rankc" --version | sed -n '1s/^rankc //p')"
says 'build' <<END
interpreter; no native code: $RANKC_LLVM is of another build of $("$rankc" --version | head -n 1): make and install both
END
"$rankc" plan "$RANK_SRC/examples/nuts/nuts.rank" >"$work/out" 2>&1
check 'a plan with a plug-in of another build' grep -q 'interpreter' "$work/out"
unset RANKC_LLVM

# ---- what was compiled ----

cache_is() { # cache_is WHAT FOLDER WORDS
    said=$(RANKC_CACHE=$2 "$rankc" doctor | sed -n 's/^cache *//p')
    check "$1: $said" [ "$said" = "$3" ]
}
work=$(cd "$work" && pwd -P)
cache_is 'no cache' none 'none: RANKC_CACHE is none'
cache_is 'an empty cache' "$work/cache" "$work/cache: 0 files, 0.0 MiB"
head -c 1572864 /dev/zero >"$work/cache/entry.rkc"
echo text >"$work/cache/other"
cache_is 'a cache' "$work/cache" "$work/cache: 1 file, 1.5 MiB"
chmod 777 "$work/cache"
cache_is 'an open cache' "$work/cache" 'none: its folder belongs to another user, or others may write to it'

# ---- with it ----

if [ ! -e "$plugin" ]; then
    case $(engines) in *'no native code: '*' is not installed') check 'not built' true ;; *) check 'not built' false ;; esac
    echo "$passed passed, $failed failed, 1 skipped"
    [ $failed -eq 0 ]
    exit
fi
case $(engines) in
'interpreter, native (LLVM 19.'*', levels v3'*')') check 'doctor' true ;;
'interpreter; no native code: it needs a processor of level v3') check 'doctor' true ;;
*) check "doctor: $(engines)" false ;;
esac

# An installation that was moved finds its own, unless there is one where it was to be.
installed() { # installed FOLDER: what the rankc of a bin there says of its engines
    mkdir -p "$work/$1/bin" "$work/$1/lib/rankc"
    cp "$(readlink -f "$rankc")" "$work/$1/bin/rankc"
    "$work/$1/bin/rankc" doctor | sed -n 's/^engines *//p'
}
case $(installed bare) in
*'no native code: '*'/librankc_llvm.so is not installed')
    check 'moved, without it, looks beside it' eval '! installed bare | grep -qF "$work"'
    mkdir -p "$work/whole/lib/rankc"
    cp "$plugin" "$work/whole/lib/rankc/"
    check "moved: $(installed whole)" [ "$(installed whole)" = "$(engines)" ]
    ;;
*) skipped=$((skipped + 1)) ;; # this rankc is installed here, too
esac

program=$RANK_SRC/examples/nuts/nuts.rank
opened() { LD_DEBUG=files "$rankc" "$@" 2>&1 >/dev/null | grep -q 'librankc_llvm.*generating link map'; }
check 'check opens the plug-in' eval '! opened check "$program"'
check 'help opens the plug-in' eval '! opened help'
check 'the interpreter opens the plug-in' eval '! opened run --engine=interp "$program"'
check 'doctor does not open the plug-in' opened doctor

for target in v3 v4; do
    for tier in 1 2; do
        for n in 1 2; do
            "$rankc" compile --engine=jit$tier --target=x86-64-$target --no-cache --emit=obj \
                -o "$work/$target$tier$n.o" "$program" || failed=$((failed + 1))
        done
        check "two objects of $target, tier $tier, differ" cmp -s "$work/${target}${tier}1.o" "$work/${target}${tier}2.o"
        undefined=$(nm -u "$work/${target}${tier}1.o")
        check "$target, tier $tier refers to $undefined" [ -z "$undefined" ]
    done
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
