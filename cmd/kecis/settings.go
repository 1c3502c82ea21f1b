package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// settingsFile is a configuration file that has been read: where it lies, and its
// nodes, so that what is wrong can be told with its line.
type settingsFile struct {
	a      *app
	name   string
	folder string // that names of files in it are relative to
	root   *yaml.Node
}

// settings reads a configuration file into a struct with yaml tags. It is strict:
// a key that the struct does not have is refused with its line, and so are
// repeated keys, anchors, a second document, and values of another kind.
func (a *app) settings(name string, into any) (*settingsFile, error) {
	content, err := a.read(name, "configuration")
	if err != nil {
		return nil, err
	}
	f := &settingsFile{a: a, name: name, folder: ".", root: &yaml.Node{}}
	if name != standardStream {
		f.folder = filepath.Dir(name)
	}
	if f.root, err = f.parse(content); err != nil {
		return nil, err
	}
	if err := f.known(f.root, reflect.TypeOf(into).Elem()); err != nil {
		return nil, err
	}
	if err := f.root.Decode(into); err != nil {
		return nil, f.yamlFault(err)
	}
	return f, nil
}

// parse returns the one mapping that the file is.
func (f *settingsFile) parse(content []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(strings.NewReader(string(content)))
	var document, second yaml.Node
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) {
		return nil, f.wrong(1, phrase{"there is nothing in it", "내용이 없습니다"})
	}
	if err != nil {
		return nil, f.yamlFault(err)
	}
	if decoder.Decode(&second) == nil {
		return nil, f.wrong(second.Line, phrase{"a second document begins here", "두 번째 문서가 시작됩니다"})
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, f.wrong(root.Line, phrase{"a configuration is lines of the form \"key: value\"", "설정은 \"키: 값\" 형태의 줄이어야 합니다"})
	}
	return root, nil
}

// yamlFault is what the YAML reader says. It may quote a value, which is masked.
func (f *settingsFile) yamlFault(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\n", " "), "unmarshal errors: ")
	return f.a.misconfigured(shown(f.name)+": "+masked(strings.TrimSpace(text)), "")
}

// known refuses keys that a struct does not have, at any depth.
func (f *settingsFile) known(n *yaml.Node, t reflect.Type) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return f.wrong(n.Line, phrase{"anchors and aliases are not used here", "앵커와 별칭은 쓸 수 없습니다"})
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case n.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice:
		for _, item := range n.Content {
			if err := f.known(item, t.Elem()); err != nil {
				return err
			}
		}
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Map:
		for i := 1; i < len(n.Content); i += 2 {
			if err := f.known(n.Content[i], t.Elem()); err != nil {
				return err
			}
		}
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Struct:
		return f.knownKeys(n, t)
	}
	return nil
}

func (f *settingsFile) knownKeys(n *yaml.Node, t reflect.Type) error {
	fields := map[string]reflect.Type{}
	var names []string
	collectKeys(t, fields, &names)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		field, ok := fields[key.Value]
		if !ok {
			return f.unknownKey(key, names)
		}
		if err := f.known(n.Content[i+1], field); err != nil {
			return err
		}
	}
	return nil
}

// collectKeys lists the keys of a struct and of those that stand in it inline.
func collectKeys(t reflect.Type, fields map[string]reflect.Type, names *[]string) {
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case options == "inline":
			collectKeys(field.Type, fields, names)
		case name != "":
			fields[name] = field.Type
			*names = append(*names, name)
		}
	}
}

func (f *settingsFile) unknownKey(key *yaml.Node, names []string) error {
	text := f.place(key.Line) + f.a.say(phrase{"%q is not known here", "알 수 없는 항목입니다: %q"}, shown(key.Value))
	if near := nearest(key.Value, names); len(near) > 0 {
		return f.a.misconfigured(text, f.a.say(phrase{"did you mean: ", "혹시 이것입니까: "})+strings.Join(near, ", "))
	}
	return f.a.misconfigured(text, f.a.say(phrase{"known are: ", "쓸 수 있는 항목: "})+strings.Join(names, ", "))
}

// place begins a text about a line of the file.
func (f *settingsFile) place(line int) string {
	if f.root == nil { // flags stand for a file
		return ""
	}
	return f.a.say(phrase{"%s, line %d: ", "%s %d행: "}, shown(f.name), line)
}

func (f *settingsFile) wrong(line int, text phrase, values ...any) error {
	return f.a.misconfigured(f.place(line)+f.a.say(text, values...), "")
}

// at is wrong for the value at a path of keys and places in lists.
func (f *settingsFile) at(path []any, text phrase, values ...any) error {
	return f.wrong(f.line(path), text, values...)
}

// line is that of the value at a path, or of the nearest that is there.
func (f *settingsFile) line(path []any) int {
	n := f.root
	if n == nil {
		return 0
	}
	line := n.Line
	for _, step := range path {
		switch s := step.(type) {
		case string:
			for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
				if n.Content[i].Value == s {
					line, n = n.Content[i].Line, n.Content[i+1]
					break
				}
			}
		case int:
			if n.Kind == yaml.SequenceNode && s < len(n.Content) {
				n = n.Content[s]
				line = n.Line
			}
		}
	}
	return line
}

// missing refuses an empty value.
func (f *settingsFile) missing(path ...any) error {
	names := make([]string, len(path))
	for i, step := range path {
		names[i] = fmt.Sprint(step)
	}
	return f.at(path, phrase{"%s is missing", "%s이(가) 없습니다"}, strings.Join(names, "."))
}

// file returns the name of a file that the configuration names.
func (f *settingsFile) file(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(f.folder, name)
}

// journalURL makes the path of a SQLite journal relative to the configuration's
// folder, as all files are.
func (f *settingsFile) journalURL(location string) string {
	path, ok := strings.CutPrefix(location, "sqlite:")
	if !ok || strings.HasPrefix(path, "//") || path == "" {
		return location
	}
	return "sqlite:" + f.file(path)
}
