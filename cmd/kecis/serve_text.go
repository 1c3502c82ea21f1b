package main

import (
	"errors"
	"log"
	"log/slog"
	"strings"
	"syscall"

	"github.com/kecis/sdk/kecis/metadata"
)

// keyNames are the names of the keys that metadata show, by their scope: the
// first of each.
func keyNames(document []byte) map[string]string {
	names := map[string]string{}
	seen, err := metadata.Inspect(document)
	if err != nil || seen.Entity == nil {
		return names
	}
	for _, k := range seen.Entity.Keys {
		if scope := scopeWord(k.Scope); names[scope] == "" {
			names[scope] = k.Key.String()
		}
	}
	return names
}

// cannotListen says why an address cannot be listened on.
func (a *app) cannotListen(address string, err error) error {
	f := &failure{exit: exitIO, text: a.say(phrase{"cannot listen on %s: %v", "%s에서 수신할 수 없습니다: %v"}, shown(address), err), cause: err}
	if errors.Is(err, syscall.EADDRINUSE) {
		f.text = a.say(phrase{"%s is in use by another program", "%s은(는) 다른 프로그램이 쓰고 있습니다"}, shown(address))
		f.remedy = a.say(phrase{"stop it, or choose another port in listen and endpoint", "그 프로그램을 멈추거나 listen과 endpoint에 다른 포트를 쓰십시오"})
	}
	if errors.Is(err, syscall.EACCES) {
		f.remedy = a.say(phrase{"ports below 1024 are for the administrator: choose a higher one", "1024보다 작은 포트는 관리자만 쓸 수 있습니다. 더 큰 번호를 쓰십시오"})
	}
	return f
}

// connectionLog passes what net/http says of single connections on as debugging:
// a peer that hangs up is no event of the server.
type connectionLog struct{ log *slog.Logger }

func (c connectionLog) Write(line []byte) (int, error) {
	c.log.Debug("connection", slog.String("text", strings.TrimSpace(string(line))))
	return len(line), nil
}

func quietLog(l *slog.Logger) *log.Logger { //nolint:forbidigo // net/http takes nothing else
	return log.New(connectionLog{l}, "", 0) //nolint:forbidigo // see above
}
