module github.com/kecis/sdk

go 1.26
