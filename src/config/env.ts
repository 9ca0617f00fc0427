// Reads a setting from the environment: a whole number or a flag, validated, with a message for the operator.

import { OperatorError } from '../refusals';
import { type NumberSetting, SETTINGS, type SettingName } from './settings';

export type Env = Record<string, string | undefined>;

/** A whole number from `min` to `max`; the declared default when it is not set. @throws OperatorError */
export function whole(env: Env, name: NumberSetting, min: number, max: number): number {
  return wholeOr(env, name, SETTINGS[name].default, min, max);
}

/** A whole number from `min` to `max`; `fallback`, which other settings decide, when it is not set. @throws OperatorError */
export function wholeOr(env: Env, name: SettingName, fallback: number, min: number, max: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new OperatorError(`${name} is '${text}'; it must be a whole number from ${min} to ${max}.`);
  }
  return value;
}

/** True or false; `fallback` when it is not set. @throws OperatorError */
export function flag(env: Env, name: SettingName, fallback: boolean): boolean {
  const text = env[name]?.toLowerCase();
  if (text === undefined || text === '') return fallback;
  if (['1', 'true', 'yes', 'on'].includes(text)) return true;
  if (['0', 'false', 'no', 'off'].includes(text)) return false;
  throw new OperatorError(`${name} is '${env[name]}'; it must be true or false.`);
}
