// Package browser drives a real browser, Debian's Chromium, through the pages that
// buyers see: payment with authentication by amount, login by client certificate, and
// the front channel. It has tests only.
//
// Each page is looked at in Korean and English, on a telephone and on a desk, with
// scripts and without: by axe-core, by rules of ours, and by people, for whom each run
// leaves screenshots in bin/browser.
//
// It is a module of its own, as interop is and for the same reasons: run its tests in
// this folder, and change a version by go get with GOWORK=off.
package browser
