// libtensorflow_framework logs a note about oneDNN while it is being loaded, before anybody can ask it not
// to: TF_CPP_MIN_LOG_LEVEL no longer counts for it. This small library is loaded first and sets the level.
#include <cstdlib>

#include "absl/log/globals.h"

namespace {
const bool quiet = [] {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(level ? std::atoi(level) : 1));
  return true;
}();
}  // namespace
