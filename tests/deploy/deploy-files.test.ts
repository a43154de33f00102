/** Dockerfiles, compose file and Helm chart, each read by the parsers of the tool that will read it. */
import { before, describe } from 'node:test';
import { describeComposeFile } from './compose-file.ts';
import { describeDockerfiles } from './dockerfiles.ts';
import { describeHelmChart } from './helm-chart.ts';
import { buildReferee, refereeIsMissing } from './referee.ts';

describe('the files of a deployment', { skip: refereeIsMissing }, () => {
  before(buildReferee, { timeout: 600_000 });
  describeDockerfiles();
  describeComposeFile();
  describeHelmChart();
});
