module github.com/kecis/sdk/interop

go 1.26.4

require (
	github.com/beevik/etree v1.8.1
	github.com/lestrrat-go/helium v0.8.0
	github.com/moov-io/signedxml v1.4.0
	github.com/russellhaering/goxmldsig v1.6.1
)

require (
	github.com/jonboulle/clockwork v0.5.0 // indirect
	github.com/sirosfoundation/go-cryptoutil v0.6.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)
