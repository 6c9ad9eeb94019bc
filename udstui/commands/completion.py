"""`udstui completion`: the script that a shell asks udstui with how to go on."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from udstui.commands.output import print_out

_VARIABLE = "_UDSTUI_COMPLETE"
"""By which the program knows that a shell asks (click's shell_completion)."""
_BASH = """\
# Asks udstui how to go on. What bash holds for the word begins behind the last : or = of what was typed, so that what
# is before that is taken off every answer.
_udstui_completion() {
    local line=${COMP_LINE:0:COMP_POINT} typed held count response
    typed=${line##*[[:space:]]}
    held=${COMP_WORDS[COMP_CWORD]}
    [[ $held == [:=@]* ]] && held=${held#?}
    local -a words
    read -ra words <<< "$line"
    count=${#words[@]}
    [[ -n $typed ]] && count=$((count - 1))
    COMPREPLY=()
    while IFS= read -r response; do
        case $response in
            file,*) compopt -o default ;;
            dir,*) compopt -o dirnames ;;
            plain,*) response=${response#plain,}; COMPREPLY+=("${response:${#typed}-${#held}}") ;;
        esac
    done < <(COMP_WORDS="$line" COMP_CWORD=$count _UDSTUI_COMPLETE=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F _udstui_completion udstui
"""


def show_completion(commands: click.Group, shell: str) -> int:
    """Print the script for a shell, and return the exit status."""
    if shell == "bash":
        print_out(_BASH)
    else:
        kind = get_completion_class(shell)
        assert kind
        print_out(kind(commands, {}, "udstui", _VARIABLE).source())
    return 0
