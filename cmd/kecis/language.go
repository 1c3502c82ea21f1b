package main

import (
	"fmt"
	"strings"
)

// language is that of the texts for people: "en" or "ko".
type language string

const (
	english language = "en"
	korean  language = "ko"
)

// phrase is one text in both languages. Where it takes values, both texts name
// them by number or in the same order.
type phrase struct{ en, ko string }

func (p phrase) in(l language, values ...any) string {
	text := p.en
	if l == korean {
		text = p.ko
	}
	if len(values) == 0 {
		return text
	}
	return fmt.Sprintf(text, values...)
}

// languageOf reads --lang ahead of all other arguments, because help and errors
// about the arguments are in that language too; without it the environment
// decides as POSIX says: LC_ALL, LC_MESSAGES, LANG.
func languageOf(args []string, env func(string) string) language {
	for i, arg := range args {
		value, ok := strings.CutPrefix(arg, "--lang=")
		if arg == "--lang" && i+1 < len(args) {
			value, ok = args[i+1], true
		}
		if arg == "--" {
			break
		}
		if ok {
			return languageNamed(value)
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := env(name); value != "" {
			return languageNamed(value)
		}
	}
	return english
}

// languageNamed takes names as ko, ko_KR.UTF-8 or ko-KR.
func languageNamed(name string) language {
	if name == "ko" || strings.HasPrefix(name, "ko_") || strings.HasPrefix(name, "ko-") || strings.HasPrefix(name, "ko.") {
		return korean
	}
	return english
}

// asksForJSON reads --json ahead, so that an error about other arguments is an
// object too.
func asksForJSON(args []string) bool {
	for _, arg := range args {
		switch arg {
		case "--json", "--json=true":
			return true
		case "--":
			return false
		}
	}
	return false
}
