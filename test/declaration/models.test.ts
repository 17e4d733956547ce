import { describe, expect, it, test } from 'vitest';
import { declarationsOf, type Edit, errorsOf } from './texts.ts';

const MODELS = `apiVersion: screentest/v1
scorers:
  own:
    file: models/own.onnx
    inputs:
      features: {features: [pair.content, user.genre_taste]}
      title: {index: title}
    output: {name: probability, column: 1}
`;
const RANKED: Edit = ['surfaces.yaml', '      - fill:', '      - score: {model: own}\n      - fill:'];

describe('models.yaml', () => {
  it('declares scorers that stages may name', () => {
    expect(declarationsOf([RANKED], { 'models.yaml': MODELS }).scorers).toEqual([
      {
        name: 'own',
        file: 'experiments/models/own.onnx',
        inputs: [
          { name: 'features', features: ['pair.content', 'user.genre_taste'] },
          { name: 'title', index: 'title' },
        ],
        output: 'probability',
        column: 1,
      },
    ]);
  });

  it('declares what differs from the defaults of the models trained here', () => {
    const text = 'apiVersion: screentest/v1\ntraining:\n  ials: {factors: 64}\n  ease: {lambda: 250}\n';
    const declared = declarationsOf([], { 'models.yaml': text });
    expect(declared.training).toEqual({ ials: { factors: 64 }, ease: { lambda: 250 } });
    expect(declared.scorers).toEqual([]);
    expect(errorsOf([], { 'models.yaml': text.replace('250', '0') })[0]).toContain('training.ease.lambda');
  });

  it('need not be there', () => {
    expect(declarationsOf().scorers).toBeUndefined();
  });

  it('leaves absolute paths as they are', () => {
    const absolute = MODELS.replace('models/own.onnx', '/srv/own.onnx');
    expect(declarationsOf([], { 'models.yaml': absolute }).scorers![0]!.file).toBe('/srv/own.onnx');
  });

  const models = (from: string, to: string): Edit => ['models.yaml', from, to];
  test.each<[string, readonly Edit[], string]>([
    ['a misspelt feature', [models('pair.content', 'pair.contents')], 'did you mean pair.content?'],
    [
      'the name of the trained model',
      [models('own:', 'two-tower:')],
      'two-tower is the model that is trained here',
    ],
    [
      'no inputs',
      [
        models(
          'inputs:\n      features: {features: [pair.content, user.genre_taste]}\n      title: {index: title}',
          'inputs: {}',
        ),
      ],
      'scorers.own.inputs',
    ],
    ['another index', [models('index: title', 'index: user')], 'scorers.own.inputs.title'],
    ['a key that is none', [models('output:', 'outputs:')], 'scorers.own.outputs'],
    [
      'a stage that names no model',
      [['surfaces.yaml', '      - fill:', '      - score: {model: owm}\n      - fill:']],
      'there is no model owm; did you mean own?',
    ],
    [
      'a variant that names no model',
      [['ranker.yaml', 'blend: {collaborative: by-activity}', 'score: {model: "own2@3"}']],
      'there is no model own2@3; did you mean own?',
    ],
  ])('refuses %s', (_, edits, message) => {
    const errors = errorsOf(edits, { 'models.yaml': MODELS });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(message);
  });
});
