#!/usr/bin/env bash
# The journal against a kernel that fails: strace lets each system call that the journal makes
# fail in turn, once or from then on, and a limit on the size of files cuts writes short. After
# each run: nothing that was acknowledged is missing, nothing that was refused is there.
# usage: test_journal_faults.sh JOURNAL_DRIVER        exit 77: it can't be done here
set -uo pipefail

driver=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export ASAN_OPTIONS=detect_leaks=0 # the leak checker and strace both want to trace
export UV_THREADPOOL_SIZE=1 # strace counts the calls of each thread by themselves
runs=0 failed=0 acknowledged=0

if ! strace -f -o /dev/null true 2>/dev/null; then
    echo "strace isn't installed, or may not trace here"
    exit 77
fi

# judge WHAT: holds the folder against what the driver has said.
judge() {
    local said
    runs=$((runs + 1))
    if said=$("$driver" check "$folder/journal" <"$folder/said" 2>"$folder/faults"); then
        acknowledged=$((acknowledged + said))
        return
    fi
    failed=$((failed + 1))
    echo "$1:"
    grep -v event= "$folder/faults"
}

# run WHAT STRACE-OPTIONS…
run() {
    local what=$1
    shift
    rm -rf "$folder/journal"
    strace -f -o /dev/null "$@" "$driver" append "$folder/journal" >"$folder/said" 2>/dev/null
    judge "$what"
}

calls_of() {
    rm -rf "$folder/journal"
    strace -f -o "$folder/calls" -e trace="$1" "$driver" append "$folder/journal" >/dev/null
    grep -c "$1(" "$folder/calls"
}

while read -r call error more; do
    count=$(calls_of "$call")
    for ((n = 1; n <= count + 1; n++)); do
        # shellcheck disable=SC2086  # more is options, or nothing
        run "$call $n $error $more" -e inject="$call:error=$error:when=$n" $more
    done
    # From then on: at a few places only, as it takes the driver a while to give up. Not where
    # nothing at all is left that could void a record.
    [ -z "$more" ] || continue
    for n in 1 2 $((count / 2)) $((count - 1)); do
        # shellcheck disable=SC2086
        run "$call $n+ $error $more" -e inject="$call:error=$error:when=$n+" $more
    done
done <<'FAULTS'
pwrite64 EIO
pwrite64 ENOSPC
fdatasync EIO
fdatasync EIO -e inject=ftruncate:error=EIO
fsync EIO
fallocate ENOSPC
renameat EIO
unlinkat EIO
ftruncate EIO
FAULTS

# A write that crosses the limit is cut short, the next one fails.
for ((limit = 100; limit < 4096; limit += 97)); do
    rm -rf "$folder/journal"
    "$driver" append "$folder/journal" "$limit" 2>/dev/null | cat >"$folder/said"
    judge "limit of $limit bytes"
done

echo "$runs runs, $acknowledged records acknowledged, $failed runs failed"
[ "$failed" -eq 0 ] && [ "$acknowledged" -gt $((runs * 20)) ]
