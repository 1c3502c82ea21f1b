package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// arguments accepts exactly the arguments of those names.
func (a *app) arguments(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		remedy := a.say(phrase{"usage: ", "사용법: "}) + cmd.UseLine()
		if len(args) < len(names) {
			missing := names[len(args)]
			text := a.say(phrase{"%s is missing", "%s이(가) 없습니다"}, missing)
			if missing == "FILE" {
				remedy += a.say(phrase{" (- stands for standard input)", " (-는 표준 입력)"})
			}
			return a.usage(text, remedy)
		}
		if len(args) > len(names) {
			return a.usage(a.say(phrase{"%q is one argument too many", "%q은(는) 남는 인자입니다"}, shown(args[len(names)])), remedy)
		}
		return nil
	}
}

// optional accepts one argument or none.
func (a *app) optional() cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return a.usage(a.say(phrase{"%q is one argument too many", "%q은(는) 남는 인자입니다"}, shown(args[1])), a.say(phrase{"usage: ", "사용법: "})+cmd.UseLine())
		}
		return nil
	}
}

// oneOf refuses a value of a flag that is not in the list.
func (a *app) oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return a.usage(a.say(phrase{"%s cannot be %q", "%s의 값이 될 수 없습니다: %q"}, flag, shown(value)),
		a.say(phrase{"choose one of: ", "다음 중에서 고르십시오: "})+strings.Join(allowed, ", "))
}

// complete offers the values of a flag to the shell.
func complete(cmd *cobra.Command, flag string, values ...string) {
	// It fails only for a flag that is not there, or is completed twice.
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) //nolint:forbidigo // a fault in this program, found by any run of it
	}
}

// group makes a command that only holds others.
func (a *app) group(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(commands...)
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			if a.json {
				return a.usage(a.say(phrase{"a command is missing", "명령이 없습니다"}), a.listing(cmd))
			}
			return cmd.Help()
		}
		return a.unknownCommand(cmd, args[0])
	}
	return cmd
}

func (a *app) unknownCommand(cmd *cobra.Command, name string) error {
	cmd.SuggestionsMinimumDistance = 2
	text := a.say(phrase{"there is no command %q", "그런 명령이 없습니다: %q"}, shown(name))
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		return a.usage(text, a.say(phrase{"did you mean: ", "혹시 이것입니까: "})+strings.Join(near, ", "))
	}
	return a.usage(text, a.listing(cmd))
}

func (a *app) listing(cmd *cobra.Command) string {
	return a.say(phrase{"see them all with: ", "전체 목록: "}) + cmd.CommandPath() + " --help"
}

// flagError says what is wrong with a flag.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return a.unknownFlag(cmd, unknown)
	}
	text := err.Error()
	if missing, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		text = a.say(phrase{"--%s needs a value", "--%s에 값이 필요합니다"}, missing.GetFlag().Name)
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		text = a.say(phrase{"--%s cannot be %q", "--%s의 값이 될 수 없습니다: %q"}, wrong.GetFlag().Name, shown(wrong.GetValue()))
	}
	return a.usage(text, a.listing(cmd))
}

func (a *app) unknownFlag(cmd *cobra.Command, unknown *pflag.NotExistError) error {
	name := unknown.GetSpecifiedName()
	near, distance := "", 3
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if d := editDistance(name, f.Name); d < distance || strings.HasPrefix(f.Name, name) && len(name) > 1 {
			near, distance = f.Name, min(d, distance)
		}
	})
	dashes := "--"
	if unknown.GetSpecifiedShortnames() != "" {
		dashes = "-"
	}
	text := a.say(phrase{"there is no flag %s", "그런 옵션이 없습니다: %s"}, shown(dashes+name))
	if near != "" {
		return a.usage(text, a.say(phrase{"did you mean: ", "혹시 이것입니까: "})+"--"+near)
	}
	return a.usage(text, a.listing(cmd))
}

// nearest returns the names that differ from name by no more than the third of
// its letters.
func nearest(name string, names []string) (near []string) {
	for _, n := range names {
		if editDistance(strings.ToLower(name), strings.ToLower(n)) <= max(2, len(name)/3) || len(name) > 3 && strings.Contains(n, name) {
			near = append(near, n)
		}
	}
	return near[:min(len(near), 5)]
}

// editDistance counts the letters to add, drop or change until a is b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// failureOf makes a failure of what run got: what is not one is an error that
// cobra made of the command line.
func (a *app) failureOf(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	return &failure{exit: exitUsage, text: err.Error(), remedy: a.say(phrase{"see: ", "참고: "}) + programName + " help", cause: err}
}
