package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/kecis/sdk/kecis"
	"github.com/kecis/sdk/kecis/journal"
)

// The bounds of a server's connections.
const (
	// headerWithin and readWithin bound how long a request may come in: a message
	// is small, and who sends it slowly holds a connection.
	headerWithin = 5 * time.Second
	readWithin   = 15 * time.Second
	// idleWithin is above the 45 seconds that a Client keeps idle connections.
	idleWithin = 75 * time.Second
	// headerRoom is far above what an HTTP client sends.
	headerRoom = 16 << 10
	// drainMargin is what a server that stops waits beyond an answer's time.
	drainMargin = 5 * time.Second
	// idlePause and errorPause are how often background work looks.
	idlePause  = time.Second
	errorPause = 5 * time.Second
	// healthWithin bounds how long the health page waits for the journal.
	healthWithin = 2 * time.Second
)

// served is the answer of a server that has stopped.
type served struct {
	Entity string `json:"entity"`
	// Finished says that every request at work was answered.
	Finished bool `json:"finished"`
}

func (s *served) print(p *page) {
	if s.Finished {
		p.line(phrase{"Stopped; every request at work was answered.", "멈췄습니다. 처리 중이던 요청에 모두 응답했습니다."})
	}
}

// serve listens, works in the background, and stops when ctx is done.
func (a *app) serve(ctx context.Context, p *provider) (answer, error) {
	a.collectLess()
	defer func() {
		if err := p.journal.Close(); err != nil {
			p.log.ErrorContext(ctx, "the journal could not be closed", slog.Any("error", err))
		}
	}()
	secure, err := p.file.certificate(&p.settings.TLS)
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.settings.Listen)
	if err != nil {
		return nil, a.cannotListen(p.settings.Listen, err)
	}
	measured, err := p.listenMetrics(ctx)
	if err != nil {
		_ = listener.Close() // nobody has been served
		return nil, err
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	_ = p.partners.fetch(ctx, p.log) // it is logged, and tried again
	document, err := a.published(ctx, p)
	if err != nil {
		_ = listener.Close() // nobody has been served
		return nil, err
	}
	var work sync.WaitGroup
	a.background(working, &work, p)

	server := &http.Server{
		Handler: p.routes(), TLSConfig: secure, ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin,
		IdleTimeout: idleWithin, MaxHeaderBytes: headerRoom,
		ErrorLog: quietLog(p.log),
	}
	failed := make(chan error, 2)
	go func() {
		if secure != nil {
			failed <- server.ServeTLS(listener, "", "")
			return
		}
		failed <- server.Serve(listener)
	}()
	if measured != nil {
		defer p.serveMetrics(measured, failed).Close() //nolint:errcheck // it has no requests that matter
	}
	a.announce(ctx, p, document)
	select {
	case err := <-failed:
		stop()
		work.Wait()
		return nil, a.ioFailure(phrase{"the server at %s has failed", "%s의 서버가 멈췄습니다"}, p.settings.Listen, err)
	case <-ctx.Done():
	}
	signal.Reset(syscall.SIGINT, syscall.SIGTERM) // a second one ends the program at once
	finished := p.drain(working, server)
	stop()
	work.Wait()
	if !finished {
		a.warn(phrase{"some requests were not answered in time; the next start brings them to their end", "시간 안에 응답하지 못한 요청이 있습니다. 다음 시작 때 이어서 처리합니다"})
	}
	return &served{p.health.Entity, finished}, nil
}

// drain answers what is at work, refuses what comes, and closes the connections.
func (p *provider) drain(ctx context.Context, server *http.Server) bool {
	within := p.settings.AnswerWithin
	if within == 0 {
		within = kecis.DefaultAnswerWithin
	}
	p.log.InfoContext(ctx, "stopping: answering the requests at work")
	ctx, cancel := context.WithTimeout(ctx, within+drainMargin)
	defer cancel()
	err := errors.Join(p.server.Drain(ctx), server.Shutdown(ctx))
	if err != nil {
		p.log.ErrorContext(ctx, "not all requests were answered", slog.Any("error", err))
	}
	return err == nil
}

// background starts the loops that bring everything to its end.
func (a *app) background(ctx context.Context, work *sync.WaitGroup, p *provider) {
	work.Go(func() {
		if err := p.server.Run(ctx); err != nil && ctx.Err() == nil {
			p.log.ErrorContext(ctx, "background work has ended", slog.Any("error", err))
		}
	})
	p.work["partners"] = func(ctx context.Context) (bool, error) {
		_ = p.partners.fetch(ctx, p.log) // it is logged, and tried again
		return false, nil
	}
	for name, once := range p.work {
		work.Go(func() { p.loop(ctx, name, once) })
	}
}

// loop repeats one kind of background work.
func (p *provider) loop(ctx context.Context, name string, once func(context.Context) (bool, error)) {
	clock := kecis.SystemClock{}
	for ctx.Err() == nil {
		worked, err := once(ctx)
		pause := idlePause
		switch {
		case err != nil && ctx.Err() == nil:
			p.log.WarnContext(ctx, "background work failed", slog.String("work", name), slog.Any("error", err))
			pause = errorPause
		case worked:
			continue
		}
		if clock.Sleep(ctx, pause) != nil {
			return
		}
	}
}

// routes are the addresses that are served.
func (p *provider) routes() http.Handler {
	mux := http.NewServeMux()
	path := p.settings.path()
	mux.Handle("POST "+path, p.handler)
	mux.Handle("GET "+path+"/metadata", p.server.Metadata())
	mux.HandleFunc("GET /healthz", p.showHealth)
	for pattern, h := range p.more {
		mux.Handle(pattern, h)
	}
	return mux
}

// showHealth says whether the server can work: 200 if it can, 503 if not.
func (p *provider) showHealth(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthWithin)
	defer cancel()
	h := p.health
	h.Status, h.Journal, h.AtWork = "ok", "ok", p.server.AtWork()
	err := p.journal.View(ctx, func(tx journal.Tx) error {
		_, err := tx.Get(numberKeySpace, "")
		if errors.Is(err, journal.ErrNotFound) {
			return nil
		}
		return err
	})
	status := http.StatusOK
	if err != nil {
		h.Status, h.Journal, status = "failing", "unreachable", http.StatusServiceUnavailable
		p.log.ErrorContext(ctx, "the journal cannot be read", slog.Any("error", err))
	}
	h.Absent = p.partners.absent(ctx)
	body, err := json.Marshal(h)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a reader that is gone is no concern of the server
}

// serveMetrics serves the metrics.
func (p *provider) serveMetrics(listener net.Listener, failed chan<- error) *http.Server {
	pages := &http.Server{
		Handler: p.metricsPage(), ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin, MaxHeaderBytes: headerRoom, ErrorLog: quietLog(p.log),
	}
	go func() { failed <- pages.Serve(listener) }()
	return pages
}

// published are the metadata of a server, without which no partner could know it.
func (a *app) published(ctx context.Context, p *provider) ([]byte, error) {
	document, err := p.server.PublishMetadata(ctx)
	if err != nil {
		return nil, a.misconfigured(a.say(phrase{"the metadata cannot be made of this configuration: %s", "이 설정으로는 메타데이터를 만들 수 없습니다: %s"}, shown(err.Error())),
			a.say(phrase{"compare with --example", "--example과 비교해 보십시오"}))
	}
	return document, nil
}

// announce says in one line that the server is there, and who it is.
func (a *app) announce(ctx context.Context, p *provider, document []byte) {
	names := keyNames(document)
	if a.json {
		p.log.InfoContext(ctx, "listening", slog.String("entity", p.health.Entity), slog.String("endpoint", p.settings.Endpoint),
			slog.String("address", p.settings.Listen), slog.String("messageKey", names["message"]), slog.String("metadataKey", names["metadata"]))
		return
	}
	fmt.Fprintln(a.stdout, a.say(phrase{
		"%s %s at %s (listening on %s), metadata key %s, message key %s",
		"%s %s, 접속점 %s (수신 %s), 메타데이터 키 %s, 메시지 키 %s"},
		p.name, p.health.Entity, p.settings.Endpoint, p.settings.Listen, names["metadata"], names["message"]))
}
