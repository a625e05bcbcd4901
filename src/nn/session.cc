#include "nn/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <onnxruntime_cxx_api.h>

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <new>
#include <numeric>
#include <streambuf>
#include <string_view>
#include <utility>

#include "nn/flush_denormals.h"
#include "nn/gpen_operators.h"

namespace gpen::nn {
namespace {

// Since 1.29 the runtime's own builds note a device's identity in the user's cache folder and send
// reports home. Only this variable stops that, and only before the first environment is made: so it
// is set before main() and before there are threads.
const bool kReportsAreOff = ::setenv("ORT_DISABLE_TELEMETRY", "1", 1) == 0;

Error FromRuntime(const Ort::Exception& exception, ErrorCode code, std::string_view doing) {
  const std::string_view what = exception.what();
  // The runtime has no code of its own for a failed allocation.
  if (what.find("bad_alloc") != std::string_view::npos ||
      what.find("Failed to allocate memory") != std::string_view::npos) {
    code = ErrorCode::kOutOfMemory;
  }
  return Error(code, fmt::format("{}: {}", doing, what));
}

std::vector<TensorInfo> Describe(const Ort::Session& session, bool inputs) {
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<TensorInfo> infos;
  const std::size_t count = inputs ? session.GetInputCount() : session.GetOutputCount();
  for (std::size_t i = 0; i < count; ++i) {
    auto name = inputs ? session.GetInputNameAllocated(i, allocator)
                       : session.GetOutputNameAllocated(i, allocator);
    const auto type = inputs ? session.GetInputTypeInfo(i) : session.GetOutputTypeInfo(i);
    const auto tensor = type.GetTensorTypeAndShapeInfo();
    if (tensor.GetElementType() != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
      throw Ort::Exception(
          fmt::format("expected float32 tensors, '{}' has another type", name.get()),
          ORT_INVALID_GRAPH);
    }
    infos.push_back({name.get(), tensor.GetShape()});
  }
  return infos;
}

std::vector<const char*> Names(const std::vector<TensorInfo>& infos) {
  std::vector<const char*> names;
  for (const auto& info : infos) names.push_back(info.name.c_str());
  return names;
}

// Wraps the caller's memory; inputs are only read, whatever the cast says.
Result<Ort::Value> Wrap(const Ort::MemoryInfo& memory, const TensorInfo& info, const float* data,
                        std::size_t size, std::string_view kind) {
  if (size != info.size()) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{} '{}': expected {} values ({}), found {}", kind, info.name,
                             info.size(), ShapeText(info.shape), size));
  }
  std::vector<std::int64_t> shape = info.shape;
  for (auto& dimension : shape) dimension = dimension < 0 ? 1 : dimension;
  return Ort::Value::CreateTensor<float>(memory, const_cast<float*>(data), size, shape.data(),
                                         shape.size());
}

}  // namespace

std::size_t TensorInfo::size() const {
  std::size_t product = 1;
  for (const auto dimension : shape)
    product *= dimension < 0 ? 1 : static_cast<std::size_t>(dimension);
  return product;
}

std::string ShapeText(std::span<const std::int64_t> shape) {
  std::vector<std::string> parts;
  for (const auto dimension : shape)
    parts.push_back(dimension < 0 ? "?" : std::to_string(dimension));
  return fmt::format("{}", fmt::join(parts, "x"));
}

// Debian 13's runtime registers the operators' schemas twice with its first model, which is
// harmless, and complains hundreds of times on std::cerr: gpen itself does not write there, so what
// arrives meanwhile is dropped.
class SilentCerr {
 public:
  SilentCerr() : terminal_(std::cerr.rdbuf(nullptr)) {}
  ~SilentCerr() { std::cerr.rdbuf(terminal_); }

 private:
  std::streambuf* terminal_;
};

// Makes the runtime register the schemas, which it does when it checks its first operator: the
// smallest model, y = Identity(x).
void LoadSmallest(const Ort::Env& env) {
  constexpr std::string_view kModel =
      "\x08\x08\x3A\x37"                                                   // ir_version 8, graph
      "\x0A\x10\x0A\x01x\x12\x01y\x22\x08Identity\x12\x01g"                // node, name
      "\x5A\x0F\x0A\x01x\x12\x0A\x0A\x08\x08\x01\x12\x04\x0A\x02\x08\x01"  // input: float[1]
      "\x62\x0F\x0A\x01y\x12\x0A\x0A\x08\x08\x01\x12\x04\x0A\x02\x08\x01"  // output
      "\x42\x02\x10\x0D";                                                  // opset 13
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);  // No pool of threads for it.
  const Ort::Session session(env, kModel.data(), kModel.size(), options);
}

// Counted by the runtime: one for the process.
Ort::Env StartRuntime() {
  static std::mutex mutex;
  static bool started = false;
  const std::lock_guard lock(mutex);
  const SilentCerr silence;
  Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "gpen");
  if (!std::exchange(started, true)) LoadSmallest(env);
  return env;
}

struct Session::State {
  explicit State(const SessionOptions& options)
      : operators(options.threads), flush_denormals(options.flush_denormals) {}

  Ort::Env env = StartRuntime();
  GpenOperators operators;
  const bool flush_denormals;
  Ort::Session session{nullptr};
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

template <typename MakeSession>
Result<std::unique_ptr<Session>> Session::Create(const MakeSession& make_session,
                                                 const std::string& name,
                                                 const SessionOptions& options) {
  if (!kReportsAreOff) {
    return Error(ErrorCode::kInternal, "cannot switch the runtime's reports off");
  }
  try {
    Ort::SessionOptions ort_options;
    ort_options.SetIntraOpNumThreads(options.threads);
    ort_options.SetInterOpNumThreads(1);
    ort_options.SetExecutionMode(ORT_SEQUENTIAL);
    ort_options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
    // Spinning threads burn the CPU between photos.
    ort_options.AddConfigEntry("session.intra_op.allow_spinning", "0");
    if (options.arena) {
      ort_options.EnableCpuMemArena();
    } else {
      ort_options.DisableCpuMemArena();
    }
    // For the session's own threads; the thread that runs it sees to itself.
    if (options.flush_denormals) ort_options.AddConfigEntry("session.set_denormal_as_zero", "1");
    // Planned once, all activations would lie in one block beside those of the first run.
    ort_options.DisableMemPattern();
    // Weights outside of the arena: it rounds sizes up and never gives back.
    ort_options.AddConfigEntry("session.use_device_allocator_for_initializers", "1");
    if (!options.optimized_model_path.empty()) {
      ort_options.SetOptimizedModelFilePath(options.optimized_model_path.c_str());
    }
    if (!options.profile_prefix.empty()) {
      ort_options.EnableProfiling(options.profile_prefix.c_str());
    }
    auto state = std::make_unique<State>(options);
    if (options.own_kernels) ort_options.Add(state->operators.domain());
    state->session = make_session(state->env, ort_options);
    state->inputs = Describe(state->session, true);
    state->outputs = Describe(state->session, false);
    return std::unique_ptr<Session>(new Session(std::move(state)));
  } catch (const Ort::Exception& exception) {
    return FromRuntime(exception, ErrorCode::kModelInvalid,
                       fmt::format("{} is not a model that can be run", name));
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kOutOfMemory, fmt::format("not enough memory to load {}", name));
  }
}

Result<std::unique_ptr<Session>> Session::FromBytes(std::span<const std::byte> bytes,
                                                    const std::string& name,
                                                    const SessionOptions& options) {
  return Create(
      [bytes](Ort::Env& env, const Ort::SessionOptions& ort_options) {
        return Ort::Session(env, bytes.data(), bytes.size(), ort_options);
      },
      name, options);
}

Result<std::unique_ptr<Session>> Session::Load(const std::filesystem::path& path,
                                               const SessionOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return Error(
        ErrorCode::kModelMissing,
        fmt::format("model file: cannot read {}: no such file; 'gpen model list' shows what is "
                    "installed",
                    path.string()));
  }
  // By its path the runtime reads the file piece by piece: a copy in memory would add its size to
  // the peak.
  auto session = Create(
      [&path](Ort::Env& env, const Ort::SessionOptions& ort_options) {
        return Ort::Session(env, path.c_str(), ort_options);
      },
      path.string(), options);
  // What loading freed: copies of the weights, which the allocator would keep. The small networks
  // (FromBytes) leave little, which is wanted again at once.
  ::malloc_trim(0);
  return session;
}

const std::vector<TensorInfo>& Session::inputs() const { return state_->inputs; }
const std::vector<TensorInfo>& Session::outputs() const { return state_->outputs; }

Result<void> Session::Run(std::span<const std::span<const float>> inputs,
                          std::span<const std::span<float>> outputs, std::stop_token stop) const {
  if (inputs.size() != state_->inputs.size() || outputs.size() != state_->outputs.size()) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format("expected {} inputs and {} outputs, found {} and {}", state_->inputs.size(),
                    state_->outputs.size(), inputs.size(), outputs.size()));
  }
  try {
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    std::vector<Ort::Value> input_values;
    std::vector<Ort::Value> output_values;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      GPEN_ASSIGN_OR_RETURN(
          auto value, Wrap(memory, state_->inputs[i], inputs[i].data(), inputs[i].size(), "input"));
      input_values.push_back(std::move(value));
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      GPEN_ASSIGN_OR_RETURN(auto value, Wrap(memory, state_->outputs[i], outputs[i].data(),
                                             outputs[i].size(), "output"));
      output_values.push_back(std::move(value));
    }
    Ort::RunOptions run_options;
    const std::stop_callback end_run(stop, [&run_options] { run_options.SetTerminate(); });
    const auto input_names = Names(state_->inputs);
    const auto output_names = Names(state_->outputs);
    const FlushDenormals flush(state_->flush_denormals);
    state_->session.Run(run_options, input_names.data(), input_values.data(), input_values.size(),
                        output_names.data(), output_values.data(), output_values.size());
    return {};
  } catch (const Ort::Exception& exception) {
    if (stop.stop_requested()) return Error(ErrorCode::kCancelled, "stopped on request");
    return FromRuntime(exception, ErrorCode::kInternal, "the network failed");
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kOutOfMemory, "not enough memory to run the network");
  }
}

std::string RuntimeVersion() { return OrtGetApiBase()->GetVersionString(); }

}  // namespace gpen::nn
