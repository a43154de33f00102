// Command referee reads the files of a deployment with the parsers of the tools that will read them: BuildKit, Compose, Helm
// and Kubernetes. It prints a line for each finding on standard error and ends with 1, or what it read as JSON on standard
// output.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

const usage = `usage:
  referee dockerfile <file>              the image that the last stage makes
  referee context <folder>               the files that .dockerignore leaves of a build context
  referee compose <file> [profile ...]   the project with the profiles on
  referee chart <folder> [values ...]    the manifests, with files of values over the chart's own`

// findings are lines for people: what is wrong, and where.
type findings []string

func (f *findings) add(format string, values ...any) {
	*f = append(*f, fmt.Sprintf(format, values...))
}

func main() {
	if len(os.Args) < 3 {
		fail(2, usage)
	}
	subject, path, others := os.Args[1], os.Args[2], os.Args[3:]
	var read any
	var found findings
	switch subject {
	case "dockerfile":
		read = readDockerfile(path, &found)
	case "context":
		read = readContext(path, &found)
	case "compose":
		read = readCompose(path, others, &found)
	case "chart":
		read = readChart(path, others, &found)
	default:
		fail(2, usage)
	}
	for _, line := range found {
		fmt.Fprintln(os.Stderr, line)
	}
	if len(found) > 0 {
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(read); err != nil {
		fail(1, err.Error())
	}
}

func fail(code int, line string) {
	fmt.Fprintln(os.Stderr, line)
	os.Exit(code)
}
