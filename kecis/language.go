package kecis

import (
	"net/http"
	"strings"
)

// PreferredLanguage is the language of a page: what was chosen on it ("ko" or "en"),
// else the first of the browser's (Accept-Language) that there is, else otherwise.
func PreferredLanguage(r *http.Request, chosen string, otherwise Language) Language {
	if chosen == Korean.String() || chosen == English.String() {
		return Language(indexOf(languages, chosen))
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if n := indexOf(languages, primary); n != 0 {
			return Language(n)
		}
	}
	return otherwise
}
