// What is wrong with a file or a flag, in one sentence for the person who typed it.

export { FileProblem as InputProblem } from '../../csv/problem';
