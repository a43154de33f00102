// What a build context holds after .dockerignore.
package main

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

func readContext(folder string, found *findings) any {
	file, err := os.Open(filepath.Join(folder, ".dockerignore"))
	if err != nil {
		found.add("%s", err)
		return nil
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		found.add("%s: %s", file.Name(), err)
		return nil
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		found.add("%s: %s", file.Name(), err)
		return nil
	}
	kept := []string{}
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil || name == "." {
			return err
		}
		ignored, err := matcher.MatchesOrParentMatches(filepath.ToSlash(name))
		if err != nil {
			return err
		}
		if entry.IsDir() {
			// Large, and let through by no pattern of ours: a pattern that did would show in what stands beside them.
			if ignored && (entry.Name() == "node_modules" || entry.Name() == ".git") {
				return filepath.SkipDir
			}
			return nil
		}
		if !ignored {
			kept = append(kept, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		found.add("%s: %s", folder, err)
	}
	return kept
}
