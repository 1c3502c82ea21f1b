package sdk_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// skip ends a test that needs something which is not here. Where everything
// has been installed (KECIS_REQUIRE=all) its absence is a failure.
func skip(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("KECIS_REQUIRE") == "all" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// repositoryFiles lists what a commit of the present state would hold.
func repositoryFiles(t *testing.T) []string {
	t.Helper()
	git, err := exec.LookPath("git")
	if err != nil {
		skip(t, "git is not installed")
	}
	// The owner of a checkout may be another than who runs the tests.
	list := exec.Command(git, "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	for _, entry := range os.Environ() { // a hook of git names its own repository
		if !strings.HasPrefix(entry, "GIT_") {
			list.Env = append(list.Env, entry)
		}
	}
	out, err := list.Output()
	if err != nil {
		skip(t, "this is not a checkout of git: "+err.Error())
	}
	var files []string
	for name := range strings.SplitSeq(string(out), "\x00") {
		if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() {
			files = append(files, name)
		}
	}
	return files
}

// local are words that would tie the repository to one registry or to one
// machine. They are put together here, so that this file does not hold them.
func local() []string {
	return []string{
		"proxy." + "golang.org", "sum." + "golang.org", "registry." + "npmjs.org", "registry." + "yarnpkg.com",
		"repo1." + "maven.org", "repo." + "maven.apache.org", "deb." + "debian.org", "security." + "debian.org",
		"archive." + "ubuntu.com", "pypi." + "org", "files." + "pythonhosted.org", "index." + "docker.io",
		"/wo" + "rk/", "/ro" + "ot/",
	}
}

func TestNothingIsTiedToOneMachine(t *testing.T) {
	for _, name := range repositoryFiles(t) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, word := range local() {
			if before, _, found := bytes.Cut(content, []byte(word)); found {
				t.Errorf("%s:%d holds %q", name, 1+bytes.Count(before, []byte("\n")), word)
			}
		}
	}
}
