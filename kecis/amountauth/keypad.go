package amountauth

import (
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
)

// The on-screen keypad: ten keys in a random order. Their faces are pictures; what a key
// stands for is computed on the server, from the provider's key, the browser's cookie
// and a random value of the page, and stands in no page, script or form: those tell
// places only.

const (
	padKeys = 10
	// maxPressed is as many keys as an amount has digits.
	maxPressed = 15
	// padBytes is the random part of a layout.
	padBytes = 8
)

// layout returns the digit at each place of a keypad.
func (p *Pages) layout(id, secret, pad string) []int {
	var seed [32]byte
	copy(seed[:], p.config.Engine.keys[0].mac(purposeKeypad, id, secret, pad))
	return rand.New(rand.NewChaCha8(seed)).Perm(padKeys) //nolint:gosec // a cryptographic generator, of a secret seed
}

// pressed reads the places that were pressed so far, with the one that is pressed now.
func pressed(r *http.Request) (places []int) {
	for field := range strings.SplitSeq(r.PostForm.Get("pressed"), ".") {
		if place, err := strconv.Atoi(field); err == nil && place >= 0 && place < padKeys && len(places) < maxPressed {
			places = append(places, place)
		}
	}
	action := r.PostForm.Get("do")
	if place, ok := strings.CutPrefix(action, "press-"); ok {
		if n, err := strconv.Atoi(place); err == nil && n >= 0 && n < padKeys && len(places) < maxPressed {
			places = append(places, n)
		}
	}
	if action == "erase" && len(places) > 0 {
		places = places[:len(places)-1]
	}
	return places
}

// typedOnPad returns the digits of the places that were pressed.
func (p *Pages) typedOnPad(r *http.Request, id, secret string) string {
	digits := p.layout(id, secret, r.PostForm.Get("pad"))
	var b strings.Builder
	for _, place := range pressed(r) {
		b.WriteByte(byte('0' + digits[place]))
	}
	return b.String()
}

// fillForm puts into a view what its forms need. The layout stays while keys are
// pressed, and is new after each answer.
func (p *Pages) fillForm(v *View, s *Session, secret string, r *http.Request) error {
	v.Serial = serial(s)
	v.Form = p.token(s.ID, secret, strconv.Itoa(v.Serial))
	if s.Variant == Deposits {
		return nil
	}
	raw := make([]byte, padBytes)
	if _, err := io.ReadFull(p.config.Engine.config.Random, raw); err != nil {
		return err
	}
	v.Pad = hex.EncodeToString(raw)
	action := ""
	if r.Method == http.MethodPost {
		action = r.PostForm.Get("do")
	}
	if pad := r.PostForm.Get("pad"); (strings.HasPrefix(action, "press-") || action == "erase") && len(pad) == len(v.Pad) && isToken(pad) {
		v.Pad, v.PadOpen = pad, true
		v.Pressed = pressed(r)
	}
	for place := range padKeys {
		v.Keys = append(v.Keys, PadKey{place, fmt.Sprintf("%s/%s/key/%d?pad=%s", p.path, s.ID, place, v.Pad)})
	}
	return nil
}

// serveKey draws the face of a key, for the browser with the cookie.
func (p *Pages) serveKey(w http.ResponseWriter, r *http.Request, id, rest string) {
	number, ok := strings.CutPrefix(rest, "key/")
	place, err := strconv.Atoi(number)
	cookie, cookieErr := r.Cookie(p.cookieName(id))
	if !ok || err != nil || cookieErr != nil || place < 0 || place >= padKeys || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	digit := p.layout(id, cookie.Value, r.URL.Query().Get("pad"))[place]
	header(w.Header())
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 32" width="20" height="32">`+
		`<path d="%s" fill="none" stroke="#1b2733" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>`, faceOf(digit))
}

// faceOf returns the strokes of a digit.
func faceOf(digit int) string {
	return [...]string{
		"M10 3C4 3 3 10 3 16C3 22 4 29 10 29C16 29 17 22 17 16C17 10 16 3 10 3Z",
		"M5 8L11 3V29",
		"M4 9C4 1 16 1 16 9C16 15 6 21 4 29H17",
		"M4 6C7 1 16 2 16 9C16 15 9 15.5 9 15.5C9 15.5 17 15 17 22C17 30 7 31 3 26",
		"M13 29V3L3 21H18",
		"M16 3H6L5 14.5C10 11 17 13 17 21C17 30 7 31 3 26",
		"M15 4C8 5 3 13 3 20C3 32 17 32 17 21C17 12 6 12 3 20",
		"M3 3H17L8 29",
		"M10 15C3 15 3 3 10 3C17 3 17 15 10 15C1 15 1 29 10 29C19 29 19 15 10 15Z",
		"M5 28C12 27 17 19 17 12C17 0 3 0 3 11C3 20 14 20 17 12",
	}[digit]
}
