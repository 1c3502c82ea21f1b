package main

import (
	"context"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kecis/sdk/adapters/otel"
)

// measure makes the observer of a server's exchanges, and the numbers of the
// program itself, if the configuration has an address for metrics.
func (p *provider) measure() error {
	if p.settings.Metrics.Listen == "" {
		return nil
	}
	p.metrics = prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := p.metrics.Register(c); err != nil {
			return err
		}
	}
	observer, err := otel.New(nil, p.metrics)
	if err != nil {
		return err
	}
	p.observer = observer
	return nil
}

// listenMetrics opens the address for metrics; nil if there is none.
func (p *provider) listenMetrics(ctx context.Context) (net.Listener, error) {
	address := p.settings.Metrics.Listen
	if address == "" {
		return nil, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, p.file.a.cannotListen(address, err)
	}
	return l, nil
}

// metricsPage serves GET /metrics alone.
func (p *provider) metricsPage() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(p.metrics, promhttp.HandlerOpts{}))
	return mux
}
