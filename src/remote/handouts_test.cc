#include "remote/handouts.h"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/folder_testing.h"
#include "celery/worker.h"
#include "jobs/job_files_testing.h"
#include "jobs/memory_job_store_testing.h"
#include "redis/redis_server_testing.h"
#include "remote/photo_parcel.h"
#include "restore/installed_models_testing.h"

namespace gpen::remote {
namespace {

using Json = nlohmann::json;

constexpr int kTries = 1'000;  // Of 10 ms.

// Photos and parcels in memory.
class FakeExchange : public Exchange {
 public:
  std::string WhyNot(const WorkerAbout&) const override { return {}; }
  Result<ExchangeAddresses> Offer(const std::string& task,
                                  std::span<const std::byte> photo) override {
    const std::scoped_lock lock(mutex);
    photos[task].assign(photo.begin(), photo.end());
    return ExchangeAddresses{"in:" + task, "out:" + task};
  }
  Result<std::vector<std::byte>> Collect(const std::string& task, std::int64_t) override {
    const std::scoped_lock lock(mutex);
    if (!parcels.contains(task)) return Error(ErrorCode::kNotFound, "no parcel");
    return parcels[task];
  }
  void Withdraw(const std::string& task) override {
    const std::scoped_lock lock(mutex);
    photos.erase(task);
    parcels.erase(task);
  }
  std::vector<std::byte> Photo(const std::string& task) const {
    const std::scoped_lock lock(mutex);
    return photos.at(task);
  }
  void Put(const std::string& task, std::vector<std::byte> parcel) {
    const std::scoped_lock lock(mutex);
    parcels[task] = std::move(parcel);
  }
  bool IsEmpty() const {
    const std::scoped_lock lock(mutex);
    return photos.empty() && parcels.empty();
  }

  mutable std::mutex mutex;
  std::map<std::string, std::vector<std::byte>> photos;
  std::map<std::string, std::vector<std::byte>> parcels;
};

// A machine, which does with a task what the test says.
class FakeMachine : public celery::TaskRunner {
 public:
  using Work = std::function<Result<std::string>(const celery::Task&, celery::TaskContext&)>;
  explicit FakeMachine(Work work) : work_(std::move(work)) {}
  std::vector<std::string> Names() const override { return {"gpen.restore"}; }
  std::optional<int> LowestPriority() override { return 9; }
  Result<std::string> Run(const celery::Task& task, celery::TaskContext& context) override {
    return work_(task, context);
  }

 private:
  const Work work_;
};

Result<std::string> WaitForItsEnd(const celery::Task& /*task*/, celery::TaskContext& context) {
  for (int i = 0; i < kTries && !context.stop_token().stop_requested(); ++i) {
    std::this_thread::sleep_for(Milliseconds(10));
  }
  return Error(ErrorCode::kCancelled, "stopped");
}

class HandoutsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    GPEN_NEEDS_REDIS();
    server_.emplace();
    store_ = jobs::MakeMemoryJobStore({}, clock_, files_);
    celery::ProducerOptions options;
    options.broker = options.backend = server_->address();
    producer_.emplace(options, &clock_);
    roster_.emplace(server_->address(), keys_, "gpen", &clock_);
    handouts_.emplace(HandoutParts{.producer = &*producer_,
                                   .roster = &*roster_,
                                   .exchange = &exchange_,
                                   .clock = &clock_,
                                   .models = &photo_models_,
                                   .most_parcel_bytes = 1 << 20,
                                   .log = [](const std::string&) {},
                                   .patience = {.poll = Milliseconds(20),
                                                .locate = Milliseconds(50),
                                                .unclaimed = Milliseconds(500),
                                                .broker = Milliseconds(500),
                                                .first_pause = Milliseconds(60'000),
                                                .longest_pause = Milliseconds(60'000)}});
  }
  void TearDown() override {
    if (handouts_) handouts_->Stop();
  }

  celery::WorkerOptions MachineOptions(const photos::ModelChecksums& models) const {
    celery::WorkerOptions options;
    options.broker = options.backend = server_->address();
    options.name = "gpen@pc";
    options.incarnation = "gpen@pc/1";
    options.poll = Milliseconds(10);
    options.renew = Milliseconds(100);
    options.lifetime = Milliseconds(1'000);
    options.heartbeat = Milliseconds(50);
    options.about = FormatAbout(
        {.models = FingerprintOf(models), .roots = {}, .hosts = {}, .named = named_models_});
    return options;
  }
  void StartMachine(FakeMachine::Work work) { StartMachine(std::move(work), models_); }
  void StartMachine(FakeMachine::Work work, const photos::ModelChecksums& models) {
    runner_.emplace(std::move(work));
    machine_.emplace(MachineOptions(models), &*runner_, &clock_);
    ASSERT_TRUE(machine_->Start());
  }
  // Makes a parcel of the photo, as a worker of ours does.
  FakeMachine::Work MakesAParcel() {
    return [this](const celery::Task& task, celery::TaskContext& context) -> Result<std::string> {
      context.Progress("face 1 of 1", 0.5);
      restore::RestoredFiles files;
      files.file = exchange_.Photo(task.id);
      files.report = R"({"input": "another name", "width": 3})";
      files.machine = "gpen@pc";
      exchange_.Put(task.id, FormatParcel(files));
      return std::string("{}");
    };
  }

  jobs::Job Claim() {
    jobs::NewJob job;
    job.key = fmt::format("key {}", ++jobs_);
    EXPECT_TRUE(store_->Submit(job));
    jobs::ClaimRequest request;
    request.owner = "test";
    return *store_->ClaimNext(request)->job;
  }
  std::unique_ptr<jobs::JobContext> ContextOf(const jobs::Job& job) {
    return std::make_unique<jobs::JobContext>(*store_, clock_, job.lease(), Milliseconds(0));
  }
  Result<restore::RestoredFiles> HandOut(jobs::JobContext& context,
                                         const restore::PhotoOptions& options = {}) {
    return handouts_->Restore("photo.jpg", AsBytes(std::string_view("a photo")), options, context);
  }
  // Options that ask for a model that is installed here.
  restore::PhotoOptions AskingForMine() const {
    restore::InstallModel(models_folder_.path(), "mine", 512);
    restore::PhotoOptions options;
    options.model = "mine";
    return options;
  }
  bool Await(const std::function<bool()>& condition) {
    for (int i = 0; i < kTries && !condition(); ++i) {
      std::this_thread::sleep_for(Milliseconds(10));
    }
    return condition();
  }
  // Whatever came of it, nobody has it any more, nowhere.
  void ExpectNothingIsLeft() {
    EXPECT_TRUE(exchange_.IsEmpty());
    EXPECT_EQ(handouts_->View().handed_out, 0);
    EXPECT_TRUE(Await([&] {
      const auto lengths = producer_->Lengths();
      return lengths && lengths->waiting == 0 && lengths->claimed == 0;
    }));
  }
  photos::HandoutCounts CountsOf(const std::string& machine) {
    return handouts_->View().counts[machine];
  }

  const celery::Keys keys_;
  const photos::ModelChecksums models_{.faces = "f", .whole_photo = "w"};
  const TestFolder models_folder_;
  const photos::PhotoModels photo_models_{models_, {models_folder_.path(), "auto", {}}};
  std::map<std::string, std::string> named_models_;  // That the machine says it has.
  SystemClock clock_;
  std::optional<redis::RedisServer> server_;
  jobs::FakeJobFiles files_;
  std::unique_ptr<jobs::JobStore> store_;
  int jobs_ = 0;
  FakeExchange exchange_;
  std::optional<celery::Producer> producer_;
  std::optional<celery::Roster> roster_;
  std::optional<Handouts> handouts_;
  std::optional<FakeMachine> runner_;
  std::optional<celery::Worker> machine_;
};

TEST_F(HandoutsTest, BringsBackWhatAMachineMade) {
  StartMachine(MakesAParcel());
  const auto job = Claim();
  const auto context = ContextOf(job);
  const auto files = HandOut(*context);
  ASSERT_TRUE(files) << files.error().message();
  EXPECT_EQ(files->file.size(), std::string_view("a photo").size());
  EXPECT_EQ(files->machine, "gpen@pc");
  EXPECT_EQ(Json::parse(files->report)["input"], "photo.jpg");
  EXPECT_EQ(CountsOf("gpen@pc").done, 1);
  EXPECT_EQ(handouts_->View().counts.size(), 1);
  ExpectNothingIsLeft();
}

TEST_F(HandoutsTest, TellsWhatIsWrongWithThePhoto) {
  StartMachine([](const celery::Task&, celery::TaskContext&) -> Result<std::string> {
    return Error(ErrorCode::kCorruptImage, "it ends early");
  });
  const auto context = ContextOf(Claim());
  const auto files = HandOut(*context);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code(), ErrorCode::kCorruptImage);
  EXPECT_EQ(files.error().message(), "it ends early");
  EXPECT_FALSE(context->ShouldStop());
  ExpectNothingIsLeft();
}

// What a machine lacks is no fault of the photo: it is done here, and not handed out again.
TEST_F(HandoutsTest, TakesBackWhatAMachineCannot) {
  StartMachine([](const celery::Task&, celery::TaskContext&) -> Result<std::string> {
    return Error(ErrorCode::kImageTooLarge, "40 megapixels at most");
  });
  const auto job = Claim();
  const auto context = ContextOf(job);
  const auto files = HandOut(*context);
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code(), ErrorCode::kCancelled);
  EXPECT_EQ(context->stop_reason(), jobs::StopReason::kGivenBack);
  EXPECT_EQ(handouts_->Admit().except, std::vector{job.id});
  ExpectNothingIsLeft();
}

TEST_F(HandoutsTest, APhotoThatAsksForAModelGoesToMachinesThatHaveIt) {
  const auto options = AskingForMine();
  const auto fingerprint = FingerprintOf(*photo_models_.For(options));
  named_models_ = {{"mine", fingerprint}};
  Json order;
  StartMachine([&, work = MakesAParcel()](const celery::Task& task, celery::TaskContext& context) {
    order = Json::parse(task.kwargs)["parcel"];
    return work(task, context);
  });
  handouts_->Start([] {});
  ASSERT_TRUE(Await([&] { return handouts_->Admit().lowest.has_value(); }));
  const auto context = ContextOf(Claim());
  const auto files = HandOut(*context, options);
  ASSERT_TRUE(files) << files.error().message();
  EXPECT_EQ(order["models"], fingerprint);
  EXPECT_EQ(Json::parse(order["options"].get<std::string>())["model"], "mine");
  ExpectNothingIsLeft();
}

TEST_F(HandoutsTest, AModelThatAMachineLacksIsUsedHere) {
  const auto options = AskingForMine();
  named_models_ = {{"mine", "another checksum"}};
  StartMachine(MakesAParcel());
  handouts_->Start([] {});
  ASSERT_TRUE(Await([&] { return handouts_->Admit().lowest.has_value(); }));
  const auto job = Claim();
  const auto context = ContextOf(job);
  const auto files = HandOut(*context, options);
  ASSERT_FALSE(files);
  EXPECT_NE(files.error().message().find("model mine"), std::string::npos);
  EXPECT_EQ(context->stop_reason(), jobs::StopReason::kGivenBack);
  EXPECT_EQ(handouts_->Admit().except, std::vector{job.id});
  EXPECT_TRUE(handouts_->Admit().lowest) << "others are handed out";
  const auto other = ContextOf(Claim());
  EXPECT_TRUE(HandOut(*other));
  ExpectNothingIsLeft();
}

// It was taken away there after it was said to be there.
TEST_F(HandoutsTest, AMachineThatHasLostAModelStillGetsOtherPhotos) {
  StartMachine([](const celery::Task&, celery::TaskContext&) -> Result<std::string> {
    return Error(ErrorCode::kInvalidArgument, "model: expected one that is installed");
  });
  const auto options = AskingForMine();
  const auto context = ContextOf(Claim());
  EXPECT_FALSE(HandOut(*context, options));
  EXPECT_EQ(context->stop_reason(), jobs::StopReason::kGivenBack);
  handouts_->Start([] {});
  EXPECT_TRUE(Await([&] { return handouts_->Admit().lowest.has_value(); }));
}

TEST_F(HandoutsTest, TakesBackWhatNobodyTakes) {
  const auto context = ContextOf(Claim());
  const auto files = HandOut(*context);
  ASSERT_FALSE(files);
  EXPECT_NE(files.error().message().find("no machine"), std::string::npos);
  EXPECT_EQ(context->stop_reason(), jobs::StopReason::kGivenBack);
  EXPECT_EQ(CountsOf("").given_back, 1);
  ExpectNothingIsLeft();
}

TEST_F(HandoutsTest, AParcelThatIsMissingOrBrokenIsNoResult) {
  for (const bool is_there : {false, true}) {
    StartMachine([&](const celery::Task& task, celery::TaskContext&) -> Result<std::string> {
      if (is_there) exchange_.Put(task.id, std::vector<std::byte>(100));
      return std::string("{}");
    });
    const auto context = ContextOf(Claim());
    EXPECT_FALSE(HandOut(*context));
    EXPECT_EQ(context->stop_reason(), jobs::StopReason::kGivenBack);
    ExpectNothingIsLeft();
  }
}

TEST_F(HandoutsTest, ACancelledPhotoStopsThere) {
  std::atomic<bool> stopped = false;
  StartMachine([&](const celery::Task& task, celery::TaskContext& context) {
    auto ended = WaitForItsEnd(task, context);
    stopped = context.stop_token().stop_requested();
    return ended;
  });
  const auto job = Claim();
  const auto context = ContextOf(job);
  auto files = std::async(std::launch::async, [&] { return HandOut(*context); });
  ASSERT_TRUE(Await([&] { return handouts_->WorkingOn(job.id) == "gpen@pc"; }));
  EXPECT_EQ(handouts_->View().handed_out, 1);
  context->RequestStop(jobs::StopReason::kCancelled);
  EXPECT_FALSE(files.get());
  EXPECT_EQ(context->stop_reason(), jobs::StopReason::kCancelled);
  EXPECT_TRUE(Await([&] { return stopped.load(); }));
  EXPECT_EQ(handouts_->WorkingOn(job.id), "");
  ExpectNothingIsLeft();
}

TEST_F(HandoutsTest, ABrokerThatVanishesIsWaitedForAWhile) {
  StartMachine(WaitForItsEnd);
  const auto job = Claim();
  const auto context = ContextOf(job);
  auto files = std::async(std::launch::async, [&] { return HandOut(*context); });
  ASSERT_TRUE(Await([&] { return handouts_->WorkingOn(job.id) == "gpen@pc"; }));
  server_->Stop();
  EXPECT_FALSE(files.get());
  EXPECT_EQ(context->stop_reason(), jobs::StopReason::kGivenBack);
  EXPECT_EQ(CountsOf("gpen@pc").given_back, 1);
  EXPECT_TRUE(exchange_.IsEmpty());
}

TEST_F(HandoutsTest, HandsOutWhatMachinesTakeUntilSomethingGoesWrong) {
  StartMachine([](const celery::Task&, celery::TaskContext&) -> Result<std::string> {
    return Error(ErrorCode::kInternal, "it broke");
  });
  EXPECT_FALSE(handouts_->Admit().lowest);
  std::atomic<int> changes = 0;
  handouts_->Start([&] { ++changes; });
  ASSERT_TRUE(Await([&] { return handouts_->Admit().lowest.has_value(); }));
  EXPECT_EQ(handouts_->Admit().lowest, jobs::JobPriority::kWatch);
  EXPECT_EQ(handouts_->Admit().most_running, 1);
  EXPECT_GT(changes, 0);
  ASSERT_EQ(handouts_->View().machines.size(), 1);
  EXPECT_EQ(handouts_->View().machines[0].held_reason, "");
  const auto context = ContextOf(Claim());
  EXPECT_FALSE(HandOut(*context));
  EXPECT_FALSE(handouts_->Admit().lowest);  // Nothing for a while.
}

TEST_F(HandoutsTest, SaysWhyAMachineGetsNothing) {
  StartMachine(WaitForItsEnd, {.faces = "older", .whole_photo = "w"});
  handouts_->Start([] {});
  ASSERT_TRUE(Await([&] { return !handouts_->View().machines.empty(); }));
  EXPECT_NE(handouts_->View().machines[0].held_reason.find("other models"), std::string::npos);
  EXPECT_FALSE(handouts_->Admit().lowest);
}

}  // namespace
}  // namespace gpen::remote
