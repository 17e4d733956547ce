import type { Assignment } from '../assignment/decision.ts';
import type { ExposureRecord, RequestRecord } from './records.ts';

/**
 * The record of one assignment meeting its unit in a request.
 *
 * @param attributes of the unit at this moment: frozen here
 */
export function exposureOf(
  assignment: Assignment,
  request: Pick<RequestRecord, 'environment' | 'id' | 'unit' | 'at' | 'configuration'>,
  attributes: Readonly<Record<string, string>>,
): ExposureRecord {
  return {
    environment: request.environment,
    experiment: assignment.experiment,
    iteration: assignment.iteration,
    unit: request.unit,
    variant: assignment.variant!,
    at: request.at,
    requestId: request.id,
    forced: assignment.reason === 'forced',
    phase: assignment.phase,
    attributes,
    configuration: request.configuration,
  };
}
