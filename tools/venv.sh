# Sourced by the tools: sets $root and $venv, and sees that .venv holds what a tool needs.
# shellcheck shell=bash
#
#   . venv.sh; need_venv [EXTRA...]     EXTRA: an extra of pyproject.toml; none: what emu itself needs

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
venv=$root/.venv
export PYTHONPATH=$root${PYTHONPATH:+:$PYTHONPATH}
unset PYTHONDONTWRITEBYTECODE  # compiled once, emu starts in half the time

# The newest Python that pins are known for, else any from 3.11 on.
find_python() {
    local name
    for name in python3.11 python3.12 python3.13 python3.14 python3 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "emu needs Python 3.11 or newer, and there is none on the PATH" >&2
    echo "    apt-get install -y python3 python3-venv" >&2
    return 1
}

# fill_venv DIRECTORY PYTHON [EXTRA...]: make it if need be, and install by the constraints.
fill_venv() {
    local where=$1 python=$2 stamp
    shift 2
    stamp=$where/.emu-$(IFS=-; echo "${*:-run}")
    if [ "$stamp" -nt "$root/tools/constraints.txt" ] && [ "$stamp" -nt "$root/pyproject.toml" ]; then
        return
    fi
    exec 9>"$where.lock"
    if command -v flock >/dev/null; then flock 9; fi
    echo "setting up ${where#"$root"/} (once) ..." >&2
    if ! "$where/bin/python" -c 'import pip' 2>/dev/null; then
        "$python" -m venv --clear "$where" || {
            echo "this Python cannot make a virtual environment" >&2
            echo "    apt-get install -y python3-venv" >&2
            return 1
        }
    fi
    "$where/bin/python" - "$root/pyproject.toml" "$@" <<'PYTHON' >"$where/wanted.txt"
import sys, tomllib
with open(sys.argv[1], "rb") as file:
    project = tomllib.load(file)["project"]
wanted = [*project["dependencies"]]
for extra in sys.argv[2:]:
    wanted += project["optional-dependencies"][extra]
print(*wanted, sep="\n")
PYTHON
    "$where/bin/python" -m pip install -qq --disable-pip-version-check \
        --constraint "$root/tools/constraints.txt" --requirement "$where/wanted.txt"
    touch "$stamp"
    exec 9>&-
    rm -f "$where.lock"
}

need_venv() {
    local python
    python=$venv/bin/python
    [ -x "$python" ] || python=$(find_python) || return 1
    fill_venv "$venv" "$python" "$@"
}
