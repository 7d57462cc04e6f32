/** The threads of TensorFlow in the processes that compute stages, as the variables that set them. */
export const stageThreads: Readonly<Record<string, string>> = {
  TF_NUM_INTRAOP_THREADS: "1",
  TF_NUM_INTEROP_THREADS: "1",
  OMP_NUM_THREADS: "1",
};
