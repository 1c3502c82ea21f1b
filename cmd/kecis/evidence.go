package main

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/kecis/journal"
	"github.com/kecis/sdk/kecis/xmlsig"
)

func (a *app) evidenceCommand() *cobra.Command {
	return a.group(&cobra.Command{
		Use:   "evidence",
		Short: a.say(phrase{"evidence: verify, list and show what was signed", "증거: 서명된 문서의 검증, 목록, 보기"}),
		Long: a.say(phrase{
			`Every signed message that a party sent or received is kept in its journal as it
was on the wire, and a chain goes over all of them: what is edited, deleted or
moved later is found.`,
			`주고받은 모든 서명 메시지는 전송된 그대로 저널에 남고, 전체가 하나의 체인으로
이어집니다. 나중에 고치거나 지우거나 옮기면 드러납니다.`}),
		Example: `  kecis evidence verify --journal sqlite:pg.db
  kecis evidence list --journal sqlite:pg.db
  kecis evidence show --journal sqlite:pg.db 1`,
	},
		a.evidenceVerify(), a.evidenceList(), a.evidenceShow())
}

// reading does an action on a journal that --journal names.
func (a *app) reading(cmd *cobra.Command, do func(ctx context.Context, j journal.Journal, args []string) (answer, error)) *cobra.Command {
	var location string
	cmd.Flags().StringVar(&location, "journal", "", a.say(phrase{"journal, as sqlite:pg.db or postgres://...", "저널, 예: sqlite:pg.db 또는 postgres://..."}))
	return a.does(cmd, func(ctx context.Context, args []string) (result answer, err error) {
		if location == "" {
			return nil, a.usage(a.say(phrase{"--journal is missing", "--journal이 없습니다"}), a.say(phrase{"as --journal sqlite:pg.db", "예: --journal sqlite:pg.db"}))
		}
		if path, ok := strings.CutPrefix(location, "sqlite:"); ok {
			if err := a.there(strings.TrimPrefix(path, "//")); err != nil {
				return nil, err
			}
		}
		j, err := a.openJournal(ctx, location)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, j.Close()) }()
		return do(ctx, j, args)
	})
}

// there refuses a file of a journal that would only be made now.
func (a *app) there(name string) error {
	if _, err := os.Stat(name); err != nil {
		return a.ioFailure(phrase{"cannot read %s", "%s을(를) 읽을 수 없습니다"}, name, err)
	}
	return nil
}

func (a *app) evidenceVerify() *cobra.Command {
	var anchors []string
	cmd := &cobra.Command{
		Use:   "verify --journal URL",
		Short: a.say(phrase{"verify the chain over all evidence", "전체 증거의 체인 검증"}),
		Long: a.say(phrase{
			`Computes the chain anew, over every row and its document, and prints its head. Note
the head outside of the journal once a day, and give it to --anchor later: only
that finds a chain that was computed anew as a whole, or cut at its end. It is
written NUMBER:LINK, as this command prints it.`,
			`모든 행과 문서로 체인을 다시 계산하고 그 끝값을 출력합니다. 끝값을 하루에 한 번 저널
밖에 적어 두었다가 나중에 --anchor로 주십시오. 체인 전체를 새로 계산했거나 끝을 잘라
낸 경우는 이것으로만 드러납니다. 이 명령이 출력하는 대로 번호:값으로 씁니다.`}),
		Example: `  kecis evidence verify --journal sqlite:pg.db
  kecis evidence verify --journal sqlite:pg.db --anchor 120:5f...`,
		Args: a.arguments(),
	}
	cmd.Flags().StringArrayVar(&anchors, "anchor", nil, a.say(phrase{"a head that was noted earlier, NUMBER:LINK", "이전에 적어 둔 끝값, 번호:값"}))
	return a.reading(cmd, func(ctx context.Context, j journal.Journal, _ []string) (answer, error) {
		list, err := a.anchors(anchors)
		if err != nil {
			return nil, err
		}
		v, err := journal.VerifyChain(ctx, j, list...)
		if err != nil {
			return nil, a.journalFailure(err)
		}
		out := &verifiedEvidence{Rows: v.Rows, Erased: v.Erased, Broken: v.Broken, Reason: v.Reason}
		if v.Rows > 0 {
			out.Head = strconv.FormatInt(v.Rows, 10) + ":" + hex.EncodeToString(v.Head[:])
		}
		if v.Broken != 0 {
			return out, a.refused(a.say(phrase{"the evidence is broken at row %d", "증거가 %d행에서 깨졌습니다"}, v.Broken),
				a.say(phrase{"the rows before it are in order; keep the journal as it is", "그 앞의 행은 온전합니다. 저널을 그대로 보존하십시오"}))
		}
		return out, nil
	})
}

// verifiedEvidence is the answer of evidence verify.
type verifiedEvidence struct {
	Rows   int64  `json:"rows"`
	Erased int64  `json:"erased"`
	Head   string `json:"head,omitempty"`
	Broken int64  `json:"broken,omitempty"`
	Reason string `json:"reason,omitempty"`
}

func (v *verifiedEvidence) print(p *page) {
	if v.Broken == 0 {
		p.line(phrase{"In order.", "온전합니다."})
	}
	p.field(phrase{"Rows in order", "온전한 행"}, number(v.Rows))
	if v.Erased > 0 {
		p.field(phrase{"Documents erased", "삭제된 문서"}, number(v.Erased))
	}
	p.field(phrase{"Head", "끝값"}, v.Head)
	if v.Broken != 0 {
		p.field(phrase{"Broken at", "깨진 행"}, number(v.Broken))
		p.field(phrase{"Reason", "이유"}, v.Reason)
	}
}

// anchors reads heads that were noted.
func (a *app) anchors(texts []string) (list []journal.Anchor, err error) {
	for _, s := range texts {
		place, link, _ := strings.Cut(s, ":")
		n, err := strconv.ParseInt(place, 10, 64)
		digest, hexErr := hex.DecodeString(link)
		if err != nil || hexErr != nil || len(digest) != len(journal.Digest{}) || n < 1 {
			return nil, a.usage(a.say(phrase{"--anchor cannot be %q", "--anchor의 값이 될 수 없습니다: %q"}, shown(s)),
				a.say(phrase{"it is NUMBER:LINK, as kecis evidence verify printed it", "kecis evidence verify가 출력한 번호:값 형식입니다"}))
		}
		list = append(list, journal.Anchor{Number: n, Link: journal.Digest(digest)})
	}
	return list, nil
}

func (a *app) journalFailure(err error) error {
	return &failure{exit: exitIO, text: a.say(phrase{"the journal cannot be read: %s", "저널을 읽을 수 없습니다: %s"}, shown(err.Error())), cause: err}
}

// listedExhibit is one row of the evidence.
type listedExhibit struct {
	Number   int64  `json:"number"`
	At       string `json:"at"`
	Sent     bool   `json:"sent"`
	Peer     string `json:"peer"`
	Kind     string `json:"kind"`
	ID       string `json:"id"`
	Document string `json:"document"`
	Signer   string `json:"signer"`
	Serial   int64  `json:"serial,omitempty"`
}

func listed(e *journal.Exhibit) listedExhibit {
	return listedExhibit{
		Number: e.Number, At: instant(e.At), Sent: e.Sent, Peer: identifier(e.Peer), Kind: e.Kind, ID: messageID(e.MessageID),
		Document: "sha256:" + hex.EncodeToString(e.Document[:]), Signer: "sha256:" + hex.EncodeToString(e.Signer[:]), Serial: e.Serial,
	}
}

// defaultListed is how many rows are listed if nothing is said: some screens.
const defaultListed = 100

func (a *app) evidenceList() *cobra.Command {
	var after int64
	var limit int
	cmd := &cobra.Command{
		Use:     "list --journal URL",
		Short:   a.say(phrase{"list the documents in the evidence", "증거 문서 목록"}),
		Example: "  kecis evidence list --journal sqlite:pg.db --from 100",
		Args:    a.arguments(),
	}
	cmd.Flags().Int64Var(&after, "from", 1, a.say(phrase{"number of the first row", "첫 행의 번호"}))
	cmd.Flags().IntVar(&limit, "limit", defaultListed, a.say(phrase{"how many rows", "행의 수"}))
	return a.reading(cmd, func(ctx context.Context, j journal.Journal, _ []string) (answer, error) {
		out := &evidenceRows{Rows: []listedExhibit{}}
		err := j.View(ctx, func(tx journal.Tx) error {
			rows, err := tx.ListEvidence(after-1, limit)
			out.Rows = out.Rows[:0]
			for _, e := range rows {
				out.Rows = append(out.Rows, listed(e))
			}
			return err
		})
		if err != nil {
			return nil, a.journalFailure(err)
		}
		return out, nil
	})
}

type evidenceRows struct {
	Rows []listedExhibit `json:"rows"`
}

func (r *evidenceRows) print(p *page) {
	if len(r.Rows) == 0 {
		p.line(phrase{"No evidence.", "증거가 없습니다."})
	}
	for i := range r.Rows {
		e := &r.Rows[i]
		way := p.say(phrase{"received from", "받음"})
		if e.Sent {
			way = p.say(phrase{"sent to", "보냄"})
		}
		p.row(number(e.Number), e.At, e.Kind, way, e.Peer, e.ID)
	}
}

func (a *app) evidenceShow() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "show --journal URL NUMBER",
		Short: a.say(phrase{"show one document, by the number of its row", "행 번호로 문서 하나 보기"}),
		Long: a.say(phrase{
			`Shows what a document of the evidence says. With -o it is written as it was on the
wire, so that it can be verified.`,
			`증거 문서의 내용을 보여 줍니다. -o를 쓰면 전송된 그대로 파일에 씁니다. 그 파일은 검증할
수 있습니다.`}),
		Example: `  kecis evidence show --journal sqlite:pg.db 3
  kecis evidence show --journal sqlite:pg.db 3 -o payment.xml`,
		Args: a.arguments("NUMBER"),
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", a.say(phrase{"file that the document is written to", "문서를 쓸 파일"}))
	return a.reading(cmd, func(ctx context.Context, j journal.Journal, args []string) (answer, error) {
		n, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || n < 1 {
			return nil, a.usage(a.say(phrase{"%q is no number of a row", "%q은(는) 행 번호가 아닙니다"}, shown(args[0])), a.say(phrase{"see: kecis evidence list", "참고: kecis evidence list"}))
		}
		return a.showEvidence(ctx, j, n, output)
	})
}

// shownEvidence is the answer of evidence show.
type shownEvidence struct {
	Row       listedExhibit `json:"row"`
	Inspected *inspected    `json:"inspected,omitempty"`
	Output    string        `json:"output,omitempty"`
}

func (s *shownEvidence) print(p *page) {
	p.field(phrase{"Row", "행"}, number(s.Row.Number))
	p.field(phrase{"Recorded", "기록 시각"}, s.Row.At)
	p.field(phrase{"Signer", "서명 키"}, s.Row.Signer)
	p.field(phrase{"Written to", "파일"}, shown(s.Output))
	p.flush()
	if s.Inspected != nil {
		s.Inspected.print(p)
	}
}

func (a *app) showEvidence(ctx context.Context, j journal.Journal, n int64, output string) (answer, error) {
	var document []byte
	out := &shownEvidence{Output: output}
	err := j.View(ctx, func(tx journal.Tx) error {
		rows, err := tx.ListEvidence(n-1, 1)
		if err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].Number != n {
			return a.refused(a.say(phrase{"there is no row %d", "%d행이 없습니다"}, n), "")
		}
		out.Row = listed(rows[0])
		document, err = tx.Document(rows[0].Document)
		if errors.Is(err, journal.ErrNotFound) {
			return a.refused(a.say(phrase{"the document of row %d was erased; its digest is %s", "%d행의 문서는 삭제되었습니다. 다이제스트는 %s입니다"}, n, out.Row.Document), "")
		}
		return err
	})
	if err != nil {
		if _, ok := errors.AsType[*failure](err); ok {
			return nil, err
		}
		return nil, a.journalFailure(err)
	}
	if output != "" {
		return out, a.write(output, document, modeSecret, true)
	}
	name, soap := guessProfile(document, false)
	profile, err := a.profile(&profileFlags{name: name, soap: soap})
	if err != nil {
		return nil, err
	}
	out.Inspected = a.inspect(ctx, &xmlsig.Verifier{Profile: profile}, nil, document)
	return out, nil
}
