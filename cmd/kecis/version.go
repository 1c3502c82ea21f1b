package main

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/spec"
)

// builtVersion is the answer of version.
type builtVersion struct {
	SDK      string `json:"sdk"`
	Standard string `json:"standard"`
	Commit   string `json:"commit,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (v *builtVersion) print(p *page) {
	p.plain(programName + " " + v.SDK)
	p.field(phrase{"Standard", "표준"}, v.Standard)
	p.field(phrase{"Commit", "커밋"}, v.Commit)
	p.field(phrase{"Built with", "빌드 환경"}, v.Go+" "+v.Platform)
}

// version reads what the Go toolchain wrote into the program.
func version() *builtVersion {
	v := &builtVersion{SDK: "(devel)", Standard: spec.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.SDK = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Commit = s.Value
		}
	}
	return v
}

func (a *app) versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: a.say(phrase{"print the versions of this program and of the standard", "프로그램과 표준의 버전"}),
		Args:  a.arguments(),
	}
	return a.does(cmd, func(context.Context, []string) (answer, error) { return version(), nil })
}
