// The file tfjs_binding.node, which tfjs loads: it loads the binding itself, tensorflow_binding.node beside it, and
// leaves out of standard error what TensorFlow says about itself meanwhile. TensorFlow has no setting for that: its
// lines are written before its log is initialised.
//
// What is written to descriptor 2 in that time is kept in memory and written on afterwards without those lines, also
// if loading ends the process.

#include <dlfcn.h>
#include <node_api.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mutex>
#include <string>

namespace {

constexpr int kFatal[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV};
constexpr int kFatalCount = sizeof(kFatal) / sizeof(kFatal[0]);

std::mutex loading;
int kept = -1;         // what was written, in memory
int stderr_copy = -1;  // where descriptor 2 pointed
struct sigaction earlier[kFatalCount];

void WriteAll(int descriptor, const char* text, size_t size) {
  while (size > 0) {
    const ssize_t written = write(descriptor, text, size);
    if (written <= 0) return;
    text += written;
    size -= static_cast<size_t>(written);
  }
}

bool StartsWith(const std::string& line, const char* start) { return line.compare(0, strlen(start), start) == 0; }

// Whether TensorFlow writes a line whenever it is loaded: the notice on its log, information ("I0000 00:00:…"), and the
// second line of the information on the processor.
bool IsStartupLine(const std::string& line) {
  return StartsWith(line, "WARNING: All log messages before absl::InitializeLog() is called") ||
         StartsWith(line, "I0000 00:00:") || StartsWith(line, "To enable the following instructions:");
}

// Points descriptor 2 back. Returns whether it pointed elsewhere.
bool PointBack() {
  if (stderr_copy < 0) return false;
  dup2(stderr_copy, STDERR_FILENO);
  close(stderr_copy);
  stderr_copy = -1;
  return true;
}

// A signal that ends the process: writes on all that was kept. Calls only what may be called in a signal handler.
void WriteOnAndDie(int signal_number) {
  if (PointBack()) {
    char block[4096];
    ssize_t size;
    for (off_t at = 0; (size = pread(kept, block, sizeof block, at)) > 0; at += size)
      WriteAll(STDERR_FILENO, block, static_cast<size_t>(size));
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void WriteOn() {
  if (!PointBack()) return;
  std::string text;
  char block[4096];
  ssize_t size;
  for (off_t at = 0; (size = pread(kept, block, sizeof block, at)) > 0; at += size) text.append(block, size);
  close(kept);
  for (size_t start = 0, end; start < text.size(); start = end) {
    const size_t newline = text.find('\n', start);
    end = newline == std::string::npos ? text.size() : newline + 1;
    const std::string line = text.substr(start, end - start);
    if (!IsStartupLine(line)) WriteAll(STDERR_FILENO, line.data(), line.size());
  }
}

void StartKeeping() {
  kept = memfd_create("stderr", MFD_CLOEXEC);
  if (kept < 0) return;
  stderr_copy = dup(STDERR_FILENO);
  if (stderr_copy < 0 || dup2(kept, STDERR_FILENO) < 0) {
    if (stderr_copy >= 0) close(stderr_copy);
    stderr_copy = -1;
    close(kept);
    return;
  }
  static const int registered = atexit(WriteOn);
  (void)registered;
  struct sigaction action = {};
  action.sa_handler = WriteOnAndDie;
  for (int at = 0; at < kFatalCount; at++) sigaction(kFatal[at], &action, &earlier[at]);
}

void StopKeeping() {
  if (stderr_copy < 0) return;
  for (int at = 0; at < kFatalCount; at++) sigaction(kFatal[at], &earlier[at], nullptr);
  WriteOn();
}

std::string BindingFile() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&BindingFile), &info) == 0) return "tensorflow_binding.node";
  const std::string file = info.dli_fname;
  return file.substr(0, file.find_last_of('/') + 1) + "tensorflow_binding.node";
}

}  // namespace

NAPI_MODULE_INIT() {
  const std::lock_guard<std::mutex> lock(loading);
  StartKeeping();
  void* library = dlopen(BindingFile().c_str(), RTLD_LAZY);
  const char* problem = library == nullptr ? dlerror() : nullptr;
  using Register = napi_value (*)(napi_env, napi_value);
  const auto start =
      library == nullptr ? nullptr : reinterpret_cast<Register>(dlsym(library, "napi_register_module_v1"));
  napi_value result = start == nullptr ? nullptr : start(env, exports);
  StopKeeping();
  if (start == nullptr)
    napi_throw_error(env, "ERR_DLOPEN_FAILED", problem == nullptr ? "tensorflow_binding.node has no module" : problem);
  return result;
}
