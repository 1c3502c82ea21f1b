package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const programName = "kecis"

// commands makes the tree of commands, with its texts in the user's language.
func (a *app) commands() *cobra.Command {
	root := &cobra.Command{
		Use:   programName,
		Short: a.say(phrase{"sign, verify, inspect and encrypt payment messages", "결제 메시지의 서명, 검증, 조회, 암호화"}),
		Long: a.say(phrase{
			`KECIS: signed payment messages between shops, payment gateways and issuers.

Begin with "kecis demo". FILE may be - for standard input or output.`,
			`KECIS: 상점, 결제대행사(PG), 발급사 사이의 서명된 결제 메시지.

"kecis demo"로 시작하십시오. FILE에 -를 쓰면 표준 입출력입니다.`}),
		Version:       version().SDK,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { fmt.Fprint(a.stdout, a.help(cmd)) })
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		fmt.Fprint(a.stderr, a.help(cmd))
		return nil
	})
	root.SetFlagErrorFunc(a.flagError)
	root.SetHelpCommand(a.helpCommand(root))
	root.PersistentFlags().BoolVar(&a.json, "json", a.json, a.say(phrase{"print one JSON object", "JSON 객체 하나로 출력"}))
	root.PersistentFlags().String("lang", string(a.lang), a.say(phrase{"language of texts: en, ko (default from LC_ALL, LANG)", "출력 언어: en, ko (기본값은 LC_ALL, LANG)"}))
	complete(root, "lang", string(english), string(korean))
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		lang, err := cmd.Flags().GetString("lang")
		if err != nil {
			return err
		}
		return a.oneOf("--lang", lang, string(english), string(korean))
	}
	a.group(root,
		a.demoCommand(),
		a.keygenCommand(),
		a.signCommand(),
		a.verifyCommand(),
		a.inspectCommand(),
		a.encryptCommand(),
		a.decryptCommand(),
		a.ecmlCommand(),
		a.metadataCommand(),
		a.serveCommand(),
		a.caCommand(),
		a.payCommand(),
		a.captureCommand(),
		a.cancelCommand(),
		a.inquireCommand(),
		a.reverseCommand(),
		a.settleCommand(),
		a.evidenceCommand(),
		a.simulateCommand(),
		a.conformanceCommand(),
		a.loadCommand(),
		a.vectorsCommand(),
		a.explainCommand(),
		a.clausesCommand(),
		a.versionCommand(),
	)
	a.completionTexts(root)
	return root
}

// completionTexts gives cobra's own command texts in the user's language.
func (a *app) completionTexts(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() != "completion" {
			continue
		}
		cmd.Short = a.say(phrase{"print a script that completes commands in your shell", "셸 자동 완성 스크립트 출력"})
		cmd.Long = cmd.Short
		cmd.Example = "  source <(kecis completion bash)"
	}
}

// helpCommand is "kecis help COMMAND...".
func (a *app) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: a.say(phrase{"help about a command", "명령 도움말"}),
		RunE: func(_ *cobra.Command, args []string) error {
			found, rest, err := root.Find(args)
			if err != nil || found == nil || len(rest) > 0 {
				return a.unknownCommand(root, strings.Join(args, " "))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// help returns the help text of a command.
func (a *app) help(cmd *cobra.Command) string {
	p := &page{lang: a.lang}
	if cmd.Long != "" {
		p.plain(cmd.Long)
	} else {
		p.plain(cmd.Short)
	}
	p.line(phrase{"\nUsage:", "\n사용법:"})
	if cmd.HasAvailableSubCommands() {
		p.plain("  " + cmd.CommandPath() + " COMMAND")
	} else {
		p.plain("  " + cmd.UseLine())
	}
	if cmd.HasExample() {
		p.line(phrase{"\nExamples:", "\n예:"})
		p.plain(cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		p.line(phrase{"\nCommands:", "\n명령:"})
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				p.row(sub.Name(), sub.Short)
			}
		}
		p.flush()
	}
	p.flags(phrase{"\nFlags:", "\n옵션:"}, cmd.LocalNonPersistentFlags())
	p.flags(phrase{"\nFor all commands:", "\n모든 명령의 옵션:"}, cmd.Root().PersistentFlags())
	return p.String()
}

// flags lists flags, one a line.
func (p *page) flags(title phrase, flags *pflag.FlagSet) {
	listed := false
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		if !listed {
			p.line(title)
			listed = true
		}
		name := "    --" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", --" + f.Name
		}
		usage := f.Usage
		if f.Value.Type() != "bool" {
			name += " " + strings.ToUpper(valueName(f.Name))
			if f.DefValue != "" && f.DefValue != "[]" && f.Name != "lang" {
				usage += p.say(phrase{" (default %s)", " (기본값 %s)"}, f.DefValue)
			}
		}
		p.row(name, usage)
	})
	p.flush()
}

// valueName names what stands behind a flag.
func valueName(flag string) string {
	switch flag {
	case "key", "cert", "output", "to", "sender":
		return "FILE"
	case "issuer", "payee", "requester", "order":
		return "ID"
	case "amount", "part":
		return "N"
	case "after":
		return "FILE"
	case "pin":
		return "FINGERPRINT"
	case "valid":
		return "TIME"
	case "root":
		return "NAME"
	case "dir":
		return "FOLDER"
	}
	return flag
}
