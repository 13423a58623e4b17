import { readFileSync, writeFileSync } from 'node:fs';

const KIB_PER_MIB = 1024;

const readMib = (pid: number, field: 'VmRSS' | 'VmHWM'): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / KIB_PER_MIB;
};

/** Resident memory of a process now. */
export const residentMib = (pid: number): number => readMib(pid, 'VmRSS');

/** The most it was since the start of the process or `forgetPeak`. */
export const peakMib = (pid: number): number => readMib(pid, 'VmHWM');

/** Lets the peak count from now. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');
