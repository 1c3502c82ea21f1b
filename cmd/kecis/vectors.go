package main

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/spec/vectors"
)

func (a *app) vectorsCommand() *cobra.Command {
	return a.group(&cobra.Command{
		Use:   "vectors",
		Short: a.say(phrase{"the test vectors of the standard: list, run, export", "표준의 테스트 벡터: 목록, 실행, 내보내기"}),
		Long: a.say(phrase{
			`Each test vector is one document with one fault, the code with which it must be
refused, and a valid twin. They are plain files for any language; this program
carries them.`,
			`테스트 벡터는 결함이 하나인 문서, 그 문서를 거부해야 하는 코드, 그리고 유효한 짝으로
이루어집니다. 어떤 언어에서든 쓸 수 있는 파일이며 이 프로그램에 들어 있습니다.`}),
		Example: `  kecis vectors list wrapping
  kecis vectors run
  kecis vectors export vectors`,
	},
		a.vectorsList(), a.vectorsRun(), a.vectorsExport())
}

// vectorFiles returns the vectors that the program carries, or those in a folder.
func vectorFiles(folder string) fs.FS {
	if folder == "" {
		return vectors.FS
	}
	return os.DirFS(folder)
}

func (a *app) addVectorFolder(cmd *cobra.Command, folder *string) {
	cmd.Flags().StringVar(folder, "dir", "", a.say(phrase{"folder with index.json, instead of the vectors in this program", "이 프로그램에 든 벡터 대신 index.json이 있는 폴더"}))
}

func (a *app) vectorFailure(folder string, err error) error {
	return a.ioFailure(phrase{"cannot use the vectors in %s", "%s의 벡터를 쓸 수 없습니다"}, or(folder, programName), err)
}

// about reports whether the vector is one that the text asks for: by its ID,
// folder, code or clause.
func about(v vectors.Vector, text string) bool {
	return strings.Contains(v.ID, text) || strings.HasPrefix(v.File, text+"/") || v.Code == text ||
		strings.Contains(strings.Join(v.Clauses, " ")+" ", strings.ToUpper(text)+" ")
}

// vectorList is the answer of list.
type vectorList struct {
	Standard string        `json:"standard"`
	Vectors  []listedCheck `json:"vectors"`
}

type listedCheck struct {
	ID      string   `json:"id"`
	File    string   `json:"file"`
	Result  string   `json:"result"`
	Code    string   `json:"code,omitempty"`
	Clauses []string `json:"clauses"`
	Note    string   `json:"note"`
}

func (l *vectorList) print(p *page) {
	for _, v := range l.Vectors {
		p.row(v.ID, v.Clauses[0], or(v.Code, v.Result), v.Note)
	}
	p.line(phrase{"%d vectors", "벡터 %d개"}, len(l.Vectors))
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

func (a *app) vectorsList() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "list [TEXT]",
		Short: a.say(phrase{"list the vectors, or those about TEXT (ID, folder, code, clause)", "벡터 목록, 또는 TEXT(ID, 폴더, 코드, 조항)에 관한 것"}),
		Example: `  kecis vectors list
  kecis vectors list KECIS-SIG-007`,
		Args: a.optional(),
	}
	a.addVectorFolder(cmd, &folder)
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		index, err := vectors.Load(vectorFiles(folder))
		if err != nil {
			return nil, a.vectorFailure(folder, err)
		}
		out := &vectorList{Standard: index.Standard, Vectors: []listedCheck{}}
		for _, v := range index.Vectors {
			if about(v, strings.Join(args, "")) {
				out.Vectors = append(out.Vectors, listedCheck{v.ID, v.File, v.Result, v.Code, v.Clauses, v.Note})
			}
		}
		if len(out.Vectors) == 0 {
			return nil, a.noVectors(args)
		}
		return out, nil
	})
}

func (a *app) noVectors(args []string) error {
	return a.usage(a.say(phrase{"no vector is about %q", "다음에 관한 벡터가 없습니다: %q"}, shown(strings.Join(args, ""))),
		a.say(phrase{"see them all with: kecis vectors list", "전체 목록: kecis vectors list"}))
}

// vectorRun is the answer of run.
type vectorRun struct {
	Passed   int             `json:"passed"`
	Failed   int             `json:"failed"`
	NotRun   int             `json:"couldNotRun"`
	Subjects []vectorSubject `json:"subjects"`
	Problems []vectorProblem `json:"problems"`
}

type vectorSubject struct {
	Name   string `json:"name"`
	Passed int    `json:"passed"`
	All    int    `json:"all"`
}

type vectorProblem struct {
	ID      string `json:"id"`
	Verdict string `json:"verdict"`
	Problem string `json:"problem"`
}

func (r *vectorRun) print(p *page) {
	for _, s := range r.Subjects {
		p.row(s.Name, p.say(phrase{"%d of %d passed", "%[2]d개 중 %[1]d개 통과"}, s.Passed, s.All))
	}
	for _, problem := range r.Problems {
		p.plain(problem.Verdict + ": " + problem.ID + ": " + problem.Problem)
	}
	p.line(phrase{"%d passed, %d failed, %d could not run", "통과 %d, 실패 %d, 실행 불가 %d"}, r.Passed, r.Failed, r.NotRun)
}

func (r *vectorRun) add(result conformance.VectorResult) {
	subject := path.Dir(result.Vector.File)
	at := slices.IndexFunc(r.Subjects, func(s vectorSubject) bool { return s.Name == subject })
	if at < 0 {
		at = len(r.Subjects)
		r.Subjects = append(r.Subjects, vectorSubject{Name: subject})
	}
	s := &r.Subjects[at]
	s.All++
	switch result.Verdict {
	case conformance.Passed:
		r.Passed++
		s.Passed++
		return
	case conformance.Failed:
		r.Failed++
	default:
		r.NotRun++
	}
	r.Problems = append(r.Problems, vectorProblem{result.Vector.ID, string(result.Verdict), masked(result.Problem.Error())})
}

func (a *app) vectorsRun() *cobra.Command {
	var folder string
	cmd := &cobra.Command{
		Use:   "run [TEXT]",
		Short: a.say(phrase{"run the vectors, or those about TEXT, through this program", "벡터 전체 또는 TEXT에 관한 것을 이 프로그램으로 실행"}),
		Long: a.say(phrase{
			`Runs the vectors through this program. A vector passes if its document is accepted
as it must be, or refused with the code that it is bound to; a refusal for
another reason is a failure. Ends with 1 if one did not pass.`,
			`벡터를 이 프로그램으로 실행합니다. 문서가 받아들여져야 하면 받아들여지고, 거부되어야
하면 정해진 코드로 거부되어야 통과입니다. 다른 이유로 거부되면 실패입니다.
통과하지 못한 벡터가 있으면 1로 끝납니다.`}),
		Example: `  kecis vectors run
  kecis vectors run wrapping
  kecis vectors run --dir vectors --json`,
		Args: a.optional(),
	}
	a.addVectorFolder(cmd, &folder)
	return a.does(cmd, func(ctx context.Context, args []string) (answer, error) {
		results, err := conformance.RunVectors(ctx, vectorFiles(folder))
		if err != nil {
			return nil, a.vectorFailure(folder, err)
		}
		out := &vectorRun{Subjects: []vectorSubject{}, Problems: []vectorProblem{}}
		for _, result := range results {
			if about(result.Vector, strings.Join(args, "")) {
				out.add(result)
			}
		}
		switch {
		case len(out.Subjects) == 0:
			return nil, a.noVectors(args)
		case out.Failed+out.NotRun > 0:
			return out, a.refused(a.say(phrase{"not every vector passed", "통과하지 못한 벡터가 있습니다"}), "")
		}
		return out, nil
	})
}

// exported is the answer of export.
type exported struct {
	Folder string `json:"folder"`
	Files  int    `json:"files"`
}

func (e *exported) print(p *page) {
	p.line(phrase{"Wrote %s files to %s; index.json lists them.", "파일 %s개를 %s에 썼습니다. index.json에 목록이 있습니다."}, strconv.Itoa(e.Files), shown(e.Folder))
}

func (a *app) vectorsExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "export FOLDER",
		Short:   a.say(phrase{"write the vectors and their test keys to a folder", "벡터와 테스트 키를 폴더에 쓰기"}),
		Example: `  kecis vectors export vectors`,
		Args:    a.arguments("FOLDER"),
	}
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		out := &exported{Folder: args[0]}
		err := fs.WalkDir(vectors.FS, ".", func(name string, entry fs.DirEntry, err error) error {
			to := filepath.Join(args[0], filepath.FromSlash(name))
			if err != nil || entry.IsDir() {
				return a.makeFolder(to, err)
			}
			content, err := fs.ReadFile(vectors.FS, name)
			if err != nil {
				return err
			}
			out.Files++
			return a.write(to, content, modePublic, true)
		})
		if err != nil {
			return nil, err
		}
		return out, nil
	})
}

func (a *app) makeFolder(name string, err error) error {
	if err == nil {
		err = os.MkdirAll(name, 0o755) //nolint:gosec // for everyone to read
	}
	if err != nil {
		return a.ioFailure(phrase{"cannot make %s", "%s을(를) 만들 수 없습니다"}, name, err)
	}
	return nil
}
