package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/kecis/sdk/conformance/load"
)

const (
	// defaultPayments takes about half a minute on two processors.
	defaultPayments = 10_000
	// defaultConcurrency keeps two processors busy while others wait for the disk.
	defaultConcurrency = 32
)

func (a *app) loadCommand() *cobra.Command {
	c := load.Config{}
	var keys, profile string
	cmd := &cobra.Command{
		Use:   "load",
		Short: a.say(phrase{"measure signed payments through PG and issuer, beside a floor", "PG와 발급사를 거치는 서명 결제를 한계와 나란히 측정"}),
		Long: a.say(phrase{
			`Makes payments through the reference PG and issuer over HTTP on this machine, with
durable journals at both, and tells payments per second, the times of the slowest, and
the share of cryptography. Each is four signed messages. In the same run it measures a
floor: the same cryptography and the same durable commits, and nothing else.

Let nothing else run meanwhile.`,
			`이 기계에서 HTTP로 기준 PG와 발급사를 거쳐 결제하고, 초당 결제 수와 느린 결제의 시간,
암호 연산의 비율을 알려 줍니다. 두 곳 모두 기록이 디스크에 남습니다. 결제 하나는 서명된
메시지 네 개입니다. 같은 실행에서 한계도 잽니다. 같은 암호 연산과 같은 수의 디스크 기록
뿐인 프로그램입니다.

그동안 다른 프로그램은 실행하지 마십시오.`}),
		Example: `  kecis load
  kecis load --keys rsa2048 --payments 2000
  kecis load --postgres postgres://localhost/kecis`,
		Args: a.arguments(),
	}
	cmd.Flags().IntVar(&c.Payments, "payments", defaultPayments, a.say(phrase{"how many payments", "결제 수"}))
	cmd.Flags().IntVar(&c.Concurrency, "concurrency", defaultConcurrency, a.say(phrase{"how many at a time", "동시 결제 수"}))
	cmd.Flags().StringVar(&keys, "keys", string(load.P256), a.say(phrase{"p256 or rsa2048", "p256 또는 rsa2048"}))
	cmd.Flags().StringVar(&c.Folder, "folder", "", a.say(phrase{"where the files of SQLite lie for the time of the run", "실행하는 동안 SQLite 파일을 둘 폴더"}))
	cmd.Flags().StringVar(&c.Postgres, "postgres", "", a.say(phrase{"URL of a PostgreSQL database to use instead", "대신 사용할 PostgreSQL 데이터베이스의 URL"}))
	cmd.Flags().StringVar(&profile, "profile", "", a.say(phrase{"file for the processor profile of the payments (go tool pprof)", "결제의 프로세서 프로파일을 쓸 파일(go tool pprof)"}))
	return a.does(cmd, func(ctx context.Context, _ []string) (answer, error) {
		c.Keys = load.KeyKind(keys)
		switch {
		case c.Keys != load.P256 && c.Keys != load.RSA2048:
			return nil, a.usage(a.say(phrase{"--keys is p256 or rsa2048", "--keys는 p256 또는 rsa2048입니다"}), "")
		case c.Payments < leastPayments || c.Concurrency < 1:
			return nil, a.usage(a.say(phrase{"--payments begins at 100, --concurrency at 1", "--payments는 100 이상, --concurrency는 1 이상이어야 합니다"}), "")
		}
		if profile != "" {
			file, err := os.Create(filepath.Clean(profile))
			if err != nil {
				return nil, err
			}
			defer func() { _ = file.Close() }()
			c.Profile = file
		}
		return a.load(ctx, c)
	})
}

// leastPayments give percentiles a meaning.
const leastPayments = 100

// loaded is the answer of load. Times are in milliseconds.
type loaded struct {
	Payments         int     `json:"payments"`
	Keys             string  `json:"keys"`
	Store            string  `json:"store"`
	PerSecond        float64 `json:"perSecond"`
	FloorPerSecond   float64 `json:"floorPerSecond"`
	Share            float64 `json:"share"`
	P50              float64 `json:"p50"`
	P95              float64 `json:"p95"`
	P99              float64 `json:"p99"`
	CPUPerPayment    float64 `json:"cpuPerPayment"`
	CryptoPerPayment float64 `json:"cryptoPerPayment"`
	CryptoShare      float64 `json:"cryptoShare"`
	HeapEarly        uint64  `json:"heapEarlyBytes"`
	HeapLate         uint64  `json:"heapLateBytes"`
}

func (l *loaded) print(p *page) {
	number := func(v float64, digits int, unit string) string { return strconv.FormatFloat(v, 'f', digits, 64) + unit }
	p.row(p.say(phrase{"payments", "결제"}), strconv.Itoa(l.Payments)+", "+l.Keys+", "+l.Store)
	p.row(p.say(phrase{"per second", "초당"}), number(l.PerSecond, 0, ""))
	p.row(p.say(phrase{"floor", "한계"}), number(l.FloorPerSecond, 0, ""), number(100*l.Share, 0, " %"))
	p.row("p50, p95, p99", number(l.P50, 1, " ms"), number(l.P95, 1, " ms"), number(l.P99, 1, " ms"))
	p.row(p.say(phrase{"processor", "프로세서"}), number(l.CPUPerPayment, 2, " ms"), p.say(phrase{"of it cryptography", "그중 암호 연산"}), number(100*l.CryptoShare, 0, " %"))
	p.row(p.say(phrase{"memory", "메모리"}), strconv.FormatUint(l.HeapEarly>>10, 10)+" KB", strconv.FormatUint(l.HeapLate>>10, 10)+" KB")
}

func (a *app) load(ctx context.Context, c load.Config) (answer, error) {
	a.collectLess()
	store := "PostgreSQL"
	if c.Postgres == "" {
		store = "SQLite"
	}
	if c.Folder == "" {
		folder, err := os.MkdirTemp("", "kecis-load-")
		if err != nil {
			return nil, err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		c.Folder = folder
	}
	c.Progress = func(done int) {
		a.progress(phrase{"%d of %d payments", "결제 %d/%d"}, done, c.Payments)
	}
	r, err := load.Run(ctx, c)
	a.progressDone()
	if err != nil {
		return nil, err
	}
	each := func(d time.Duration) float64 { return milliseconds(d) / float64(r.Payments) }
	return &loaded{
		Payments: r.Payments, Keys: string(c.Keys), Store: store,
		PerSecond: r.Rate(), FloorPerSecond: r.Floor.Rate(), Share: r.Share(),
		P50: milliseconds(r.P50), P95: milliseconds(r.P95), P99: milliseconds(r.P99),
		CPUPerPayment: each(r.CPU), CryptoPerPayment: each(r.Crypto), CryptoShare: r.Crypto.Seconds() / max(r.CPU.Seconds(), r.Crypto.Seconds()),
		HeapEarly: r.HeapEarly, HeapLate: r.HeapLate,
	}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
