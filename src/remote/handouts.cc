#include "remote/handouts.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/guarded.h"
#include "base/sha256.h"
#include "base/sleep.h"
#include "celery/task_id.h"
#include "remote/photo_parcel.h"
#include "remote/photo_tasks.h"

namespace gpen::remote {
namespace {

using Json = nlohmann::ordered_json;
using Place = celery::Whereabouts::Place;

constexpr std::size_t kMostNotAgain = 200;
constexpr std::size_t kMostEnded = 50;
constexpr Milliseconds kHeartbeat{3'000};  // By then a worker has told of it.
constexpr std::size_t kMostCounted = 200;  // Names of machines; anybody may invent one.
constexpr Milliseconds kListen{1'000};
constexpr Milliseconds kCountEvery{5'000};
// What no machine may take comes back at once: it is not asked about without a rest.
constexpr Milliseconds kNotAtOnce{500};
constexpr Milliseconds kQuick{100};  // Polls at the beginning: small photos are done at once.
constexpr int kQuickPolls = 20;

// The middle of each class, see ClassOf().
int PriorityOf(jobs::JobPriority priority) {
  switch (priority) {
    case jobs::JobPriority::kInteractive:
      return 0;
    case jobs::JobPriority::kBatch:
      return 5;
    case jobs::JobPriority::kWatch:
      return 9;
  }
  return 9;
}

// What the photo itself is to blame for, wherever it is tried. What depends on a machine, such as
// its memory and its limits, is not among it.
std::optional<ErrorCode> FaultOfThePhoto(std::string_view code) {
  if (code == "unsupported_format") return ErrorCode::kUnsupportedFormat;
  if (code == "corrupt_image") return ErrorCode::kCorruptImage;
  if (code == "no_face_found") return ErrorCode::kNoFaceFound;
  return std::nullopt;
}

std::string MachineOf(const std::string& incarnation) {
  return incarnation.substr(0, incarnation.rfind('/'));
}

// {"step", "fraction"} of a task that makes progress.
void PassOn(const std::string& progress, jobs::JobContext& context) {
  const Json json = Json::parse(progress, nullptr, false);
  if (!json.is_object()) return;
  const auto step = json.find("step");
  const auto fraction = json.find("fraction");
  if (step == json.end() || !step->is_string() || fraction == json.end() ||
      !fraction->is_number()) {
    return;
  }
  context.Progress(step->get<std::string>().substr(0, 100),
                   std::clamp(fraction->get<double>(), 0.0, 1.0));
}

celery::Task TaskFor(const std::string& id, const ExchangeAddresses& addresses,
                     const ParcelOrder& order, const std::string& sha256) {
  const Json named = {
      {"sha256", sha256},
      {"parcel", {{"name", order.name}, {"models", order.models}, {"options", order.options}}}};
  celery::Task task;
  task.id = id;
  task.name = "gpen.restore";
  task.args = Json::array({addresses.input, addresses.output}).dump();
  // Addresses may hold secrets, which monitors need not show.
  task.args_shown = fmt::format("[\"{}\"]", order.name.substr(0, 200));
  task.kwargs = named.dump(-1, ' ', false, Json::error_handler_t::replace);
  return task;
}

}  // namespace

Handouts::Handouts(const HandoutParts& parts)
    : parts_(parts), models_(FingerprintOf(parts.models->usual())) {}

void Handouts::Start(std::function<void()> changed) {
  changed_ = std::move(changed);
  listener_ = std::jthread([this](const std::stop_token& stop) { Listen(stop); });
}

void Handouts::Listen(const std::stop_token& stop) {
  auto counted = parts_.clock->Steady() - kCountEvery;
  while (!stop.stop_requested()) {
    const auto heard =
        Guarded("listening for machines", [&] { return parts_.roster->Listen(kListen); });
    if (parts_.clock->Steady() - counted >= kCountEvery) {
      CountQueue();
      parts_.exchange->Tidy();
      counted = parts_.clock->Steady();
    }
    {
      const std::scoped_lock lock(mutex_);
      const std::string problem = heard ? "" : heard.error().message();
      if (problem.empty() != problem_.empty()) {
        parts_.log(problem.empty() ? "the queue of other machines answers again" : problem);
      }
      problem_ = problem;
    }
    if (!heard || *heard) changed_();
  }
}

// Here, because nobody who asks for a page may wait for the server.
void Handouts::CountQueue() {
  auto lengths = Guarded("counting the queue", [&] { return parts_.producer->Lengths(); });
  const std::scoped_lock lock(mutex_);
  lengths_.reset();
  if (lengths) lengths_ = *lengths;
}

std::string Handouts::WhyNot(const celery::SeenWorker& worker) const {
  const auto about = ParseAbout(worker.about);
  if (!about || about->models != models_) {
    return "it has other models: bring both to the same version";
  }
  if (auto why = parts_.exchange->WhyNot(*about); !why.empty()) return why;
  return worker.lowest && worker.slots > 0 ? "" : "it takes nothing now";
}

// Whether each machine that may take the next photo has the model: which one does nobody can say.
bool Handouts::AllHave(const std::string& model, const std::string& fingerprint) const {
  return std::ranges::all_of(parts_.roster->Living(), [&](const auto& worker) {
    if (!WhyNot(worker).empty()) return true;
    const auto about = ParseAbout(worker.about);
    const auto found = about->named.find(model);
    return found != about->named.end() && found->second == fingerprint;
  });
}

jobs::Admission Handouts::Admit() const {
  jobs::Admission admission;
  admission.lowest.reset();
  const auto living = parts_.roster->Living();
  const std::scoped_lock lock(mutex_);
  if (parts_.clock->Steady() < paused_until_) return admission;
  int slots = 0;
  int running = 0;
  for (const auto& worker : living) {
    if (!WhyNot(worker).empty()) continue;
    slots += worker.slots;
    running += worker.running;
    const auto lowest = ClassOf(*worker.lowest);
    if (!admission.lowest || lowest > *admission.lowest) admission.lowest = lowest;
  }
  // What they do for others leaves less room for ours. What has just ended they may not have said.
  const auto now = parts_.clock->Steady();
  const auto ours = static_cast<int>(
      std::ranges::count_if(handed_out_,
                            [](const auto& entry) { return !entry.second.machine.empty(); }) +
      std::ranges::count_if(ended_, [&](Milliseconds at) { return now - at < kHeartbeat; }));
  admission.most_running = slots - std::max(running - ours, 0);
  admission.except.assign(not_again_.begin(), not_again_.end());
  return admission;
}

Result<restore::RestoredFiles> Handouts::Restore(const std::string& name,
                                                 std::span<const std::byte> file,
                                                 const restore::PhotoOptions& options,
                                                 jobs::JobContext& context) {
  const auto id = celery::NewTaskId();
  Handout handout{.job = context.lease().job, .posted = {.tag = {}, .message = {}, .task_id = id}};
  Note(handout);
  const struct OnItsWay {
    ~OnItsWay() { handouts->End(task); }
    Handouts* handouts;
    const std::string& task;
  } on_its_way{this, id};
  auto outcome = HandOut(name, file, options, std::move(handout), context);
  Settle(id, outcome);
  if (outcome.files) return *std::move(outcome.files);
  if (outcome.error) return *std::move(outcome.error);
  context.RequestStop(jobs::StopReason::kGivenBack);  // Unless it is to stop anyway.
  return Error(ErrorCode::kCancelled, outcome.given_up.why);
}

void Handouts::Note(const Handout& handout) {
  const std::scoped_lock lock(mutex_);
  handed_out_[handout.posted.task_id] = handout;
}

void Handouts::End(const std::string& task) {
  parts_.exchange->Withdraw(task);
  {
    const std::scoped_lock lock(mutex_);
    handed_out_.erase(task);
  }
  changed_();
}

void Handouts::Settle(const std::string& task, const Outcome& outcome) {
  const std::scoped_lock lock(mutex_);
  const auto& [job, posted, holder] = handed_out_[task];
  // A quick machine is done before it was looked for; what it made names it.
  const std::string& machine = outcome.files ? outcome.files->machine : holder;
  ended_.push_back(parts_.clock->Steady());
  if (ended_.size() > kMostEnded) ended_.pop_front();
  if (counts_.size() < kMostCounted || counts_.contains(machine)) {
    auto& counts = counts_[machine];
    ++(outcome.files ? counts.done : outcome.error ? counts.failed : counts.given_back);
  }
  if (outcome.files) {
    pause_ = Milliseconds(0);
    return;
  }
  const auto& given_up = outcome.given_up;
  if (!outcome.error && !given_up.why.empty()) {
    parts_.log(fmt::format("job {} goes back to the queue: {}{}", job,
                           machine.empty() ? "" : machine + ": ", given_up.why));
  }
  if (given_up.is_of_the_photo) {
    not_again_.push_back(job);
    if (not_again_.size() > kMostNotAgain) not_again_.pop_front();
  }
  if (!given_up.pauses) return;
  pause_ = std::clamp(pause_ * 2, parts_.patience.first_pause, parts_.patience.longest_pause);
  paused_until_ = parts_.clock->Steady() + pause_;
}

Handouts::Outcome Handouts::HandOut(const std::string& name, std::span<const std::byte> file,
                                    const restore::PhotoOptions& options, Handout handout,
                                    jobs::JobContext& context) {
  const auto give_up = [](std::string why) {
    return Outcome{.given_up = {.why = std::move(why), .pauses = true}};
  };
  const auto id = handout.posted.task_id;
  auto models = models_;
  if (options.model) {
    const auto named = parts_.models->For(options);
    if (!named) return {.error = named.error()};
    models = FingerprintOf(*named);
    if (!AllHave(*options.model, models)) {
      SleepUnlessStopped(kNotAtOnce, context.stop_token());
      return {.given_up = {.why = fmt::format("not every machine has the model {}", *options.model),
                           .is_of_the_photo = true}};
    }
  }
  context.Progress("handout", 0);
  const auto addresses = parts_.exchange->Offer(id, file);
  if (!addresses) return give_up(addresses.error().message());
  auto task =
      TaskFor(id, *addresses, {name, models, restore::CanonicalJson(options)}, Sha256(file));
  task.priority = PriorityOf(context.priority());
  const auto posted = parts_.producer->Send(task);
  if (!posted) return give_up(posted.error().message());
  handout.posted = *posted;
  Note(handout);
  Outcome outcome;
  const auto ended = Follow(std::move(handout), context, &outcome.given_up);
  if (!ended) {
    parts_.producer->Withdraw(*posted);
    return outcome;
  }
  outcome =
      ended->state == "SUCCESS" ? Collect(id, name) : Judge(*ended, options.model.has_value());
  // A task that would be tried again is not wanted any more.
  if (ended->state == "RETRY") {
    parts_.producer->Withdraw(*posted);
  } else {
    parts_.producer->Forget(id);
  }
  return outcome;
}

std::optional<celery::KnownState> Handouts::Follow(Handout handout, jobs::JobContext& context,
                                                   GivenUp* given_up) {
  const auto& patience = parts_.patience;
  const auto& clock = *parts_.clock;
  auto answered = clock.Steady();
  auto held = clock.Steady();  // When it was last seen with a machine.
  auto located = clock.Steady();
  bool was_nowhere = false;
  for (int polls = 0;; ++polls) {
    const auto pause = polls < kQuickPolls ? std::min(kQuick, patience.poll) : patience.poll;
    if (!SleepUnlessStopped(pause, context.stop_token())) return std::nullopt;
    auto known = parts_.producer->Find(handout.posted.task_id);
    if (!known) {
      if (clock.Steady() - answered < patience.broker) continue;
      *given_up = {.why = known.error().message(), .pauses = true};
      return std::nullopt;
    }
    if (celery::IsFinal(known->state) || known->state == "RETRY") return *std::move(known);
    // A server that was away for a while has told us nothing in that time.
    if (clock.Steady() - answered > patience.locate) held = clock.Steady();
    answered = clock.Steady();
    if (was_nowhere) {  // And it has no end either.
      *given_up = {.why = "the queue has lost it"};
      return std::nullopt;
    }
    const bool is_new = known->state != "PENDING" && handout.machine.empty();
    if (!is_new && clock.Steady() - located < patience.locate) {
      if (known->state == "PROGRESS") PassOn(known->result, context);
      continue;
    }
    located = clock.Steady();
    const auto where = parts_.producer->Locate(handout.posted);
    if (!where) continue;
    was_nowhere = where->place == Place::kNowhere;
    if (where->place == Place::kClaimed) {
      held = clock.Steady();
      if (auto machine = MachineOf(where->incarnation); machine != handout.machine) {
        handout.machine = std::move(machine);
        Note(handout);
      }
    } else if (where->place == Place::kGone) {
      *given_up = {.why = "the machine that had it is gone"};
      return std::nullopt;
    } else if (clock.Steady() - held > patience.unclaimed) {
      *given_up = {.why = "no machine has taken it", .pauses = true};
      return std::nullopt;
    }
  }
}

Handouts::Outcome Handouts::Collect(const std::string& task, const std::string& name) {
  auto bytes = parts_.exchange->Collect(task, parts_.most_parcel_bytes);
  auto files = bytes ? ParseParcel(*bytes) : Result<restore::RestoredFiles>(bytes.error());
  if (!files) {
    return {.given_up = {.why = files.error().message(), .is_of_the_photo = true, .pauses = true}};
  }
  // An equal photo that the machine had done before may have had another name.
  if (Json report = Json::parse(files->report, nullptr, false); report.is_object()) {
    report["input"] = name;
    report["output"] = nullptr;
    files->report = report.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return {.files = *std::move(files)};
}

// FAILURE, RETRY or REVOKED.
Handouts::Outcome Handouts::Judge(const celery::KnownState& ended, bool asks_for_model) const {
  const Json problem = Json::parse(ended.result, nullptr, false);
  std::string message = ended.state;
  std::string code;
  if (problem.is_object() && problem.contains("exc_message")) {
    const Json& told = problem["exc_message"];
    if (told.is_array() && !told.empty() && told[0].is_string()) message = told[0];
    if (told.is_array() && told.size() > 1 && told[1].is_string()) code = told[1];
  }
  if (const auto fault = FaultOfThePhoto(code)) return {.error = Error(*fault, message)};
  // Somebody revoked it, or the machine cannot: it may be done here.
  const bool is_too_small = code == "image_too_large" || code == "out_of_memory";
  // A model that was taken away there since says nothing of other photos.
  const bool lacks_model = asks_for_model && (code == "invalid_argument" || code == "conflict" ||
                                              code == "model_missing" || code == "model_invalid");
  return {.given_up = {.why = message,
                       .is_of_the_photo = true,
                       .pauses = !code.empty() && !is_too_small && !lacks_model}};
}

std::string Handouts::WorkingOn(jobs::JobId job) const {
  const std::scoped_lock lock(mutex_);
  for (const auto& [task, handout] : handed_out_) {
    if (handout.job == job) return handout.machine;
  }
  return {};
}

photos::MachinesView Handouts::View() const {
  photos::MachinesView view;
  for (const auto& worker : parts_.roster->Living()) {
    view.machines.push_back({worker.name, worker.slots, worker.running, WhyNot(worker)});
  }
  const std::scoped_lock lock(mutex_);
  if (lengths_) {
    view.waiting = lengths_->waiting;
    view.claimed = lengths_->claimed;
  }
  view.problem = problem_;
  view.handed_out = static_cast<int>(handed_out_.size());
  view.counts = counts_;
  return view;
}

}  // namespace gpen::remote
