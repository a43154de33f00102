// Compose files as `docker compose` loads them: schema, .env, interpolation, profiles, and what services say of each other.
package main

import (
	"context"
	"io"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/sirupsen/logrus"
)

// warnings makes findings of what Compose only logs, such as a variable without a value.
type warnings struct {
	path  string
	found *findings
}

func (w warnings) Levels() []logrus.Level {
	return []logrus.Level{logrus.WarnLevel, logrus.ErrorLevel}
}

func (w warnings) Fire(entry *logrus.Entry) error {
	w.found.add("%s: %s", w.path, entry.Message)
	return nil
}

func readCompose(path string, profiles []string, found *findings) any {
	logrus.SetOutput(io.Discard)
	logrus.AddHook(warnings{path, found})
	options, err := cli.NewProjectOptions([]string{path},
		cli.WithOsEnv, cli.WithEnvFiles(), cli.WithDotEnv, cli.WithDefaultProfiles(profiles...))
	if err != nil {
		found.add("%s: %s", path, err)
		return nil
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		found.add("%s: %s", path, err)
		return nil
	}
	return project
}
