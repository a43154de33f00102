// Dockerfiles as BuildKit builds and lints them, without an engine and without the base images.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/opencontainers/go-digest"
)

// unknownBases stands in for a registry: of a base image nothing is known but its name, which has to say a version.
type unknownBases struct{}

func (unknownBases) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	if strings.HasSuffix(ref, ":latest") {
		return "", "", nil, fmt.Errorf("%s is no stage, and as an image it has no version", ref)
	}
	return ref, "", []byte(`{"architecture":"amd64","os":"linux","config":{}}`), nil
}

func readDockerfile(path string, found *findings) any {
	text, err := os.ReadFile(path)
	if err != nil {
		found.add("%s", err)
		return nil
	}
	built, err := dockerfile2llb.Dockerfile2LLB(context.Background(), text, dockerfile2llb.ConvertOpt{
		AllStages:    true,
		MetaResolver: unknownBases{},
		Warn: func(rule, _, _, message string, location []parser.Range) {
			line := 0
			if len(location) > 0 {
				line = location[0].Start.Line
			}
			found.add("%s:%d: %s: %s", path, line, rule, message)
		},
	})
	if err != nil {
		found.add("%s: %s", path, err)
		return nil
	}
	return built.Image.Config
}
