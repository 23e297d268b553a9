// Command oras copies images and artifacts with oras-go, so that the tests can hold us against it:
//
//	oras push LAYOUT REFERENCE   from the OCI layout directory to a registry
//	oras pull REFERENCE LAYOUT   from a registry into an OCI layout directory
//	oras copy REFERENCE TARGET   from one registry to another
//
// It prints the digest of what was copied. Registries are spoken to over plain http unless ORAS_TLS is set;
// ORAS_USERNAME and ORAS_PASSWORD are the credentials.
package main

import (
	"context"
	"fmt"
	"os"

	"oras.land/oras-go/pkg/content"
	"oras.land/oras-go/pkg/oras"
	"oras.land/oras-go/pkg/target"
)

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: oras push LAYOUT REFERENCE | pull REFERENCE LAYOUT | copy REFERENCE TARGET"))
	}
	digest, err := run(os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		fail(err)
	}
	fmt.Println(digest)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func run(verb, from, to string) (string, error) {
	switch verb {
	case "push":
		layout, err := openLayout(from)
		if err != nil {
			return "", err
		}
		return move(layout, to, openRegistry(), to)
	case "pull":
		layout, err := openLayout(to)
		if err != nil {
			return "", err
		}
		return move(openRegistry(), from, layout, from)
	case "copy":
		return move(openRegistry(), from, openRegistry(), to)
	}
	return "", fmt.Errorf("unknown verb %q", verb)
}

func openLayout(directory string) (target.Target, error) {
	layout, err := content.NewOCI(directory)
	if err != nil {
		return nil, err
	}
	return layout, layout.LoadIndex()
}

func openRegistry() target.Target {
	registry, err := content.NewRegistry(content.RegistryOptions{
		Username:  os.Getenv("ORAS_USERNAME"),
		Password:  os.Getenv("ORAS_PASSWORD"),
		PlainHTTP: os.Getenv("ORAS_TLS") == "",
	})
	if err != nil {
		fail(err)
	}
	return registry
}

// move copies content of every media type, whether it has a title or not, one after the other: at once, writers of
// one layout, and of a layer that two platforms share, stand in each other's way in this version of oras-go.
func move(from target.Target, name string, to target.Target, as string) (string, error) {
	descriptor, err := oras.Copy(context.Background(), from, name, to, as,
		oras.WithPullEmptyNameAllowed(), oras.WithPullByBFS)
	if err != nil {
		return "", fmt.Errorf("cannot copy %s to %s: %w", name, as, err)
	}
	return descriptor.Digest.String(), nil
}
