package browser_test

import (
	"context"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// galleryFolder is where the pictures of a run are, for people to look at.
const galleryFolder = "../bin/browser"

// gallery is the pictures of a run.
type gallery struct {
	mu     sync.Mutex
	shots  []shot
	folder string
}

// shot is one picture.
type shot struct {
	File, Scenario, State, Visitor string
	Phone                          bool
}

// newGallery empties the folder, and hangs the pictures when the test is over.
func newGallery(t *testing.T) *gallery {
	t.Helper()
	folder, err := filepath.Abs(galleryFolder)
	if err == nil {
		err = os.RemoveAll(folder)
	}
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	g := &gallery{folder: folder}
	t.Cleanup(func() {
		if err := g.hang(); err != nil {
			t.Error(err)
		}
		t.Logf("%d screenshots: %s", len(g.shots), filepath.Join(folder, "index.html"))
	})
	return g
}

// picture keeps a picture of the whole page.
func (p *tab) picture(state string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, within)
	defer cancel()
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatalf("%s, %s: %v", p.visitor, state, err)
	}
	p.shots++
	s := shot{
		File:     fmt.Sprintf("%s-%s-%02d-%s.png", p.scenario, p.visitor, p.shots, state),
		Scenario: p.scenario, State: state, Visitor: p.String(), Phone: p.phone,
	}
	g := p.browser.gallery
	if err := os.WriteFile(filepath.Join(g.folder, s.File), image, 0o644); err != nil {
		p.t.Fatal(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shots = append(g.shots, s)
}

const galleryText = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>KECIS pages</title>
<style>
body { margin: 2rem; font: 1rem/1.5 system-ui, sans-serif; background: #dde3e9; color: #1b2733; }
.row { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }
figure { margin: 0; width: 26rem; }
figure.phone { width: 15rem; }
img { width: 100%; border: 1px solid #98a5b1; background: #fff; }
figcaption { font-size: .875rem; }
</style>
<h1>KECIS pages</h1>
{{- $scenario := ""}}{{$visitor := ""}}
{{- range .}}
{{- if or (ne .Scenario $scenario) (ne .Visitor $visitor)}}
{{- if $scenario}}</div>{{end}}
<h2>{{.Scenario}}, {{.Visitor}}</h2>
<div class="row">
{{- end}}
{{- $scenario = .Scenario}}{{$visitor = .Visitor}}
<figure{{if .Phone}} class="phone"{{end}}><a href="{{.File}}"><img src="{{.File}}" alt="" loading="lazy"></a><figcaption>{{.State}}</figcaption></figure>
{{- end}}
</div>
`

// hang writes the page that shows all pictures.
func (g *gallery) hang() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	page, err := template.New("gallery").Parse(galleryText)
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(g.folder, "index.html"))
	if err != nil {
		return err
	}
	if err := page.Execute(file, g.shots); err != nil {
		return err
	}
	return file.Close()
}
