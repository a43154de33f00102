// Charts as Helm lints and renders them, and their manifests as Kubernetes decodes them: a field it does not know is a finding.
package main

import (
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

const namespace = "referee"

func readChart(folder string, valueFiles []string, found *findings) any {
	values, ok := mergeValues(valueFiles, found)
	if !ok {
		return nil
	}
	for _, message := range lint.All(folder, values, namespace, true).Messages {
		if message.Severity >= support.WarningSev {
			found.add("%s: %s: %s", folder, message.Path, message.Err)
		}
	}
	chart, err := loader.Load(folder)
	if err != nil {
		found.add("%s: %s", folder, err)
		return nil
	}
	release := chartutil.ReleaseOptions{Name: "referee", Namespace: namespace, Revision: 1, IsInstall: true}
	merged, err := chartutil.ToRenderValues(chart, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		found.add("%s: %s", folder, err)
		return nil
	}
	files, err := (engine.Engine{Strict: true}).Render(chart, merged)
	if err != nil {
		found.add("%s: %s", folder, err)
		return nil
	}
	return decodeAll(files, found)
}

func mergeValues(files []string, found *findings) (map[string]any, bool) {
	merged := map[string]any{}
	for _, file := range files {
		values, err := chartutil.ReadValuesFile(file)
		if err != nil {
			found.add("%s: %s", file, err)
			return nil, false
		}
		merged = chartutil.CoalesceTables(values, merged)
	}
	return merged, true
}

// decodeAll gives the manifests in the order of their files, and the notes as a string.
func decodeAll(files map[string]string, found *findings) any {
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme,
		json.SerializerOptions{Yaml: true, Strict: true})
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	manifests, notes := []any{}, ""
	for _, name := range names {
		if strings.HasSuffix(name, "NOTES.txt") {
			notes = files[name]
			continue
		}
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		parts := releaseutil.SplitManifests(files[name])
		keys := make([]string, 0, len(parts))
		for key := range parts {
			keys = append(keys, key)
		}
		sort.Sort(releaseutil.BySplitManifestsOrder(keys))
		for _, key := range keys {
			object, ok := decode(decoder, name, parts[key], found)
			if ok {
				manifests = append(manifests, object)
			}
		}
	}
	return map[string]any{"manifests": manifests, "notes": notes}
}

// decode gives what the text says, not what Kubernetes would make of it: its defaults are left out.
func decode(decoder runtime.Decoder, name string, text string, found *findings) (any, bool) {
	var said map[string]any
	if err := yaml.UnmarshalStrict([]byte(text), &said); err != nil {
		found.add("%s: %s", name, err)
		return nil, false
	}
	if len(said) == 0 {
		return nil, false
	}
	if _, _, err := decoder.Decode([]byte(text), nil, nil); err != nil {
		found.add("%s: %s", name, err)
		return nil, false
	}
	return said, true
}
