# tocsin - completion for bash. Commands, their verbs and options are the program's own answers, so they cannot go stale.
_tocsin_words() { # COMMAND: its verbs, the small words of "tocsin rules  [list | show [ID]] [-c FILE] …" in the help
	command tocsin help 2>/dev/null | sed -n "s/^  tocsin $1 //p" | sed 's/-[a-z-]*//g' | grep -oE '\b[a-z]{2,}\b'
}

_tocsin() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "$(command tocsin help 2>/dev/null | sed -n 's/^  tocsin \([a-z-]*\).*/\1/p') help --help --version" -- "$cur"))
	elif [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$(command tocsin "$command" --help 2>/dev/null | grep -oE '^  -[a-z-]+') --help" -- "$cur"))
	elif [[ $prev != -* ]] && [ "$COMP_CWORD" = 2 ]; then
		COMPREPLY=($(compgen -W "$(_tocsin_words "$command")" -- "$cur"))
	fi
	[ ${#COMPREPLY[@]} -gt 0 ] || compopt -o default 2>/dev/null
}
complete -F _tocsin tocsin
