// What is wrong with a file or a flag, in the one sentence that who typed it needs.

export { FileProblem as InputProblem } from '../../csv/problem';
