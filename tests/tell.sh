# What tests of commands share, read by `.` once $rankc is set: counts, and questions about what rankc
# said. `command` may name the command that `gives` runs.
passed=0 failed=0 skipped=0
command=

ok() { # ok WHAT: the last command decides
    if [ $? -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL  $1"
    fi
}

# gives WHAT STATUS WORDS...: exit status of rankc; stdout and stderr are left in $dir/out and $dir/err
gives() {
    what=$1 status=$2
    shift 2
    "$rankc" $command "$@" >"$dir/out" 2>"$dir/err" </dev/null
    code=$?
    [ $code -eq "$status" ] || echo "      status $code, not $status: $(head -n 3 "$dir/err")"
    [ $code -eq "$status" ]
    ok "$what"
}

says() { # says WHAT FILE TEXT
    grep -qF -e "$3" "$dir/$2" || sed 's/^/      /' "$dir/$2" | head -n 5
    grep -qF -e "$3" "$dir/$2"
    ok "$1"
}

lacks() { # lacks WHAT FILE TEXT
    ! grep -qF -e "$3" "$dir/$2"
    ok "$1"
}
