package main

import (
	"context"
	_ "embed"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/conformance"
	"github.com/kecis/sdk/conformance/suite"
)

//go:embed example/suite.yaml
var exampleSuite string

const (
	// defaultSuiteAddress is where the suite listens, beside the examples' servers.
	defaultSuiteAddress = "127.0.0.1:8470"
	suiteFile           = "suite.yaml"
	castFolder          = "keys"
)

// madeSuite is the answer of "kecis conformance init".
type madeSuite struct {
	Folder   string   `json:"folder"`
	Role     string   `json:"role"`
	Register []string `json:"register"`
	Key      string   `json:"key"`
	Issuer   string   `json:"issuer,omitempty"`
	Asking   string   `json:"asking"`
	// Over is when the keys end.
	Over time.Time `json:"over"`
}

func (m *madeSuite) print(p *page) {
	p.line(phrase{"Made the suite's keys and configuration in %s.", "시험용 키와 설정을 %s에 만들었습니다."}, shown(m.Folder))
	p.line(phrase{"Register with the implementation:", "시험할 구현에 등록할 것:"})
	for _, name := range m.Register {
		p.field(phrase{"Metadata", "메타데이터"}, name)
	}
	p.field(phrase{"Metadata key", "메타데이터 키"}, m.Key)
	if m.Issuer != "" {
		p.field(phrase{"Merchant", "가맹점"}, m.Asking)
		p.field(phrase{"Route", "라우팅"}, p.say(phrase{"card 400000, VISA, to %s", "카드 400000, VISA → %s"}, m.Issuer))
	} else {
		p.field(phrase{"PG", "PG"}, m.Asking)
		p.field(phrase{"Test card", "시험 카드"}, "card-approve")
	}
	p.field(phrase{"Good until", "유효 기한"}, instantText(m.Over, p.lang))
	p.line(phrase{"Then say in %s which implementation it is.", "그다음 %s에 시험할 구현을 적으십시오."}, shown(filepath.Join(m.Folder, suiteFile)))
}

func (a *app) conformanceInit() *cobra.Command {
	var role, listen, base string
	var force bool
	cmd := &cobra.Command{
		Use:   "init FOLDER",
		Short: a.say(phrase{"make the suite's keys, its metadata, and a configuration", "시험용 키, 메타데이터, 설정 만들기"}),
		Long: a.say(phrase{
			`Makes what a run needs: the keys of the parties that the suite plays, their signed
metadata to be registered with the implementation, and a configuration to be
filled in. The keys are good for 30 days.`,
			`시험에 필요한 것을 만듭니다: 시험 도구가 맡는 당사자들의 키, 시험할 구현에 등록할
서명된 메타데이터, 채워 넣을 설정. 키는 30일 동안 유효합니다.`}),
		Example: "  kecis conformance init --role pg suite",
		Args:    a.arguments("FOLDER"),
	}
	a.roleFlag(cmd, &role)
	cmd.Flags().StringVar(&listen, "listen", defaultSuiteAddress, a.say(phrase{"where the suite takes messages", "시험 도구가 메시지를 받을 주소"}))
	cmd.Flags().StringVar(&base, "base", "", a.say(phrase{"how the implementation gets there (default http:// and --listen)", "구현이 접속할 주소 (기본값은 http://와 --listen)"}))
	cmd.Flags().BoolVar(&force, "force", false, a.say(phrase{"replace files that are there", "이미 있는 파일 덮어쓰기"}))
	return a.does(cmd, func(_ context.Context, args []string) (answer, error) {
		if err := a.oneOf("--role", role, string(conformance.PG), string(conformance.Issuer)); err != nil {
			return nil, err
		}
		if _, _, err := net.SplitHostPort(listen); err != nil {
			return nil, a.usage(a.say(phrase{"--listen is no address: %s", "--listen이 주소가 아닙니다: %s"}, shown(listen)), "127.0.0.1:8470")
		}
		if base == "" {
			base = "http://" + listen
		}
		return a.makeSuite(args[0], conformance.Role(role), listen, strings.TrimSuffix(base, "/"), force)
	})
}

func (a *app) makeSuite(folder string, role conformance.Role, listen, base string, force bool) (answer, error) {
	cast, err := suite.NewCast(role, base, a.now())
	if err != nil {
		return nil, err
	}
	metadataURL, key := "http://127.0.0.1:8440/kecis/metadata", "../pg-metadata.signing.pub.pem"
	if role == conformance.Issuer {
		metadataURL, key = "http://127.0.0.1:8441/kecis/metadata", "../issuer-metadata.signing.pub.pem"
	}
	settings := strings.NewReplacer("{{role}}", string(role), "{{metadata}}", metadataURL, "{{key}}", key, "{{listen}}", listen, "{{base}}", base).Replace(exampleSuite)
	// The configuration comes first: where there is one already, no key changes.
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, a.ioFailure(phrase{"cannot make %s", "%s을(를) 만들 수 없습니다"}, folder, err)
	}
	if err := a.write(filepath.Join(folder, suiteFile), []byte(settings), modePublic, force); err != nil {
		return nil, err
	}
	if err := cast.Save(filepath.Join(folder, castFolder)); err != nil {
		return nil, a.ioFailure(phrase{"cannot write into %s", "%s에 쓸 수 없습니다"}, folder, err)
	}
	own, err := cast.MetadataKey()
	if err != nil {
		return nil, err
	}
	out := &madeSuite{Folder: folder, Role: string(role), Key: own.String(), Asking: cast.Asking().Entity, Over: cast.Over()}
	if role == conformance.PG {
		out.Issuer = cast.Issuer.Entity
	}
	documents, err := cast.Metadata()
	if err != nil {
		return nil, err
	}
	for name, document := range documents {
		file := filepath.Join(folder, name+".xml")
		if err := a.write(file, document, modePublic, true); err != nil {
			return nil, err
		}
		out.Register = append(out.Register, file)
	}
	slices.Sort(out.Register)
	return out, nil
}
