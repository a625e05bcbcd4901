#include "celery/broker.h"

#include <gtest/gtest.h>

#include "base/clock_testing.h"
#include "celery/backend.h"
#include "redis/redis_server_testing.h"

namespace gpen::celery {
namespace {

std::string Message(const std::string& id, const std::string& tag) {
  return R"({"body": "W10=", "headers": {"task": "t", "id": ")" + id +
         R"(", "empty": []}, "properties": {"delivery_tag": ")" + tag +
         R"(", "delivery_info": {"exchange": "", "routing_key": "gpen"}}})";
}

class BrokerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    GPEN_NEEDS_REDIS();
    server_.emplace();
    client_.emplace(server_->address(), redis::ClientOptions{});
    a_.emplace(&*client_, keys_, "gpen", "a/1");
    b_.emplace(&*client_, keys_, "gpen", "b/1");
  }
  redis::Reply Run(const redis::Command& command) {
    auto reply = client_->Run(command);
    EXPECT_TRUE(reply) << reply.error().message();
    return reply.value_or(redis::Reply());
  }
  Delivery Claim(Broker& broker, int lowest = 255) {
    auto claimed = broker.Claim(lowest);
    EXPECT_TRUE(claimed) << claimed.error().message();
    return claimed && claimed->delivery ? *claimed->delivery : Delivery{};
  }
  std::int64_t Waiting() { return *a_->Length(); }

  const Keys keys_;
  std::optional<redis::RedisServer> server_;
  std::optional<redis::Client> client_;
  std::optional<Broker> a_, b_;
};

TEST_F(BrokerTest, ClaimsAsKombuNotesIt) {
  const std::string message = Message("1", "tag");
  Run({"LPUSH", "gpen", message});
  const auto delivery = Claim(*a_);
  EXPECT_EQ(delivery.tag, "tag");
  EXPECT_EQ(delivery.message, message);
  EXPECT_EQ(delivery.task_id, "1");
  EXPECT_EQ(delivery.attempt, 1);
  EXPECT_EQ(Run({"HGET", "unacked", "tag"}).text, "[" + message + R"(,"","gpen"])");
  EXPECT_FALSE(Run({"ZSCORE", "unacked_index", "tag"}).is_null());
  EXPECT_TRUE(Claim(*a_).tag.empty());
  ASSERT_TRUE(*a_->Acknowledge(delivery));
  // Nothing of it is left, but that the worker lives.
  EXPECT_TRUE(Run({"DEL", "gpen:worker:a/1"}).integer);
  EXPECT_TRUE(Run({"KEYS", "*"}).items.empty());
}

TEST_F(BrokerTest, TakesTheUrgentFirstAndNoLessUrgentThanItMay) {
  for (const int priority : {9, 5, 0}) {
    ASSERT_TRUE(a_->Publish("", "gpen", "", Message(std::to_string(priority), ""), priority));
  }
  EXPECT_EQ(Run({"LLEN", std::string("gpen\x06\x16") + "3"}).integer, 1);
  EXPECT_EQ(Claim(*a_, 2).task_id, "0");
  EXPECT_TRUE(Claim(*a_, 2).tag.empty());
  EXPECT_EQ(Claim(*a_).task_id, "5");
  EXPECT_EQ(Claim(*a_).task_id, "9");
}

TEST_F(BrokerTest, GivesBackInFrontAndUncounted) {
  const std::string message = Message("1", "tag");
  Run({"LPUSH", keys_.List("gpen", 3), message});
  Run({"LPUSH", keys_.List("gpen", 3), Message("2", "later")});
  const auto delivery = Claim(*a_);
  ASSERT_TRUE(*a_->GiveBack(delivery));
  EXPECT_EQ(Run({"EXISTS", "unacked", "unacked_index", keys_.claims(), keys_.attempts()}).integer,
            0);
  EXPECT_EQ(Run({"LINDEX", keys_.List("gpen", 3), "-1"}).text, message);
  EXPECT_EQ(Claim(*b_).attempt, 1);
  EXPECT_FALSE(*a_->GiveBack(delivery));  // It is b's now.
  EXPECT_FALSE(*a_->Acknowledge(delivery));
}

TEST_F(BrokerTest, GivesBackWhatItClaimedAndWasNotTold) {
  for (const char* id : {"1", "2", "3"}) Run({"LPUSH", "gpen", Message(id, id)});
  ASSERT_EQ(Claim(*a_).task_id, "1");  // Its answer is lost.
  const auto held = Claim(*a_);
  const auto others = Claim(*b_);
  EXPECT_EQ(*a_->GiveBackUnheld({{held.tag}}), 1);
  EXPECT_EQ(*a_->GiveBackUnheld({{held.tag}}), 0);
  const auto again = Claim(*a_);
  EXPECT_EQ(again.message, Message("1", "1"));
  EXPECT_EQ(again.attempt, 2);
  EXPECT_TRUE(*a_->Acknowledge(held));
  EXPECT_TRUE(*a_->Acknowledge(again));
  EXPECT_TRUE(*b_->Acknowledge(others));
}

TEST_F(BrokerTest, RestoresWhatTheGoneHeldAndCountsIt) {
  Run({"LPUSH", "gpen", Message("1", "tag")});
  ASSERT_TRUE(a_->Renew({}));
  const auto first = Claim(*a_);
  EXPECT_EQ(*b_->RestoreOfTheGone(), 0);  // It lives.
  ASSERT_TRUE(a_->SayGone("a/1"));
  EXPECT_EQ(*b_->RestoreOfTheGone(), 1);
  EXPECT_EQ(Waiting(), 1);
  ASSERT_TRUE(b_->Renew({}));
  const auto second = Claim(*b_);
  EXPECT_EQ(second.attempt, 2);
  EXPECT_EQ(second.message, first.message);
  // The one that was taken for gone learns that it is no longer its.
  const auto lost = a_->Renew(std::vector<std::string>{"tag"});
  ASSERT_TRUE(lost);
  EXPECT_EQ(*lost, std::vector<std::string>{"tag"});
  EXPECT_FALSE(*a_->Acknowledge(first));
  EXPECT_TRUE(*b_->Acknowledge(second));
}

TEST_F(BrokerTest, ReplacesInOneStep) {
  Run({"LPUSH", "gpen", Message("1", "tag")});
  const auto delivery = Claim(*a_);
  ASSERT_TRUE(*a_->Replace(delivery, Message("1", "other"), 5));
  EXPECT_EQ(Waiting(), 1);
  EXPECT_FALSE(*a_->Replace(delivery, Message("1", "third"), 5));  // Not twice.
  EXPECT_EQ(Waiting(), 1);
  EXPECT_EQ(Claim(*a_).tag, "other");
}

TEST_F(BrokerTest, PutsAsideWhatIsNoMessage) {
  Run({"LPUSH", "gpen", "not json"});
  Run({"LPUSH", "gpen", "7"});
  Run({"LPUSH", "gpen", std::string(5000, '[')});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(a_->Claim(255)->was_broken);
  EXPECT_EQ(Run({"LLEN", keys_.broken()}).integer, 3);
  EXPECT_FALSE(Run({"EXISTS", "unacked"}).integer);
  // An object whose members are something else is a message; whose, its reader finds out.
  Run({"LPUSH", "gpen", R"({"properties": 1, "headers": [1], "body": null})"});
  EXPECT_EQ(Claim(*a_).tag.size(), 32U);
}

TEST_F(BrokerTest, DoesNotFetchWhatIsTooLarge) {
  Run({"LPUSH", "gpen",
       R"({"headers": {"id": "1"}, "body": ")" + std::string(13 << 20, 'a') + "\"}"});
  const auto delivery = Claim(*a_);
  EXPECT_EQ(delivery.task_id, "1");
  EXPECT_TRUE(delivery.message.empty());
  EXPECT_GT(delivery.bytes, 13 << 20);
  EXPECT_TRUE(*a_->Acknowledge(delivery));
}

TEST_F(BrokerTest, RoutesThroughBindings) {
  ASSERT_TRUE(a_->Declare());
  ASSERT_TRUE(a_->Publish("gpen", "gpen", "", Message("1", "x"), 0));
  EXPECT_EQ(Waiting(), 1);
  const auto unbound = a_->Publish("other", "gpen", "", Message("1", "x"), 0);
  ASSERT_FALSE(unbound);
  EXPECT_EQ(unbound.error().code(), ErrorCode::kNotFound);
}

TEST_F(BrokerTest, ResultsThatAreFinalStay) {
  FakeClock clock;
  Backend backend(&*client_, &clock, keys_, Milliseconds(60'000));
  Task task;
  task.id = "1";
  EXPECT_EQ(backend.Find("1")->state, "PENDING");
  EXPECT_TRUE(*backend.Store(task, {.state = "STARTED"}));
  EXPECT_FALSE(*backend.RevokeUnlessBegun("1", {}));
  EXPECT_TRUE(*backend.Store(task, {.state = "SUCCESS", .result = R"({"a":[]})"}));
  EXPECT_FALSE(*backend.Store(task, {.state = "FAILURE"}));
  EXPECT_EQ(backend.Find("1")->state, "SUCCESS");
  EXPECT_EQ(backend.Find("1")->result, R"({"a":[]})");
  EXPECT_GT(Run({"TTL", "celery-task-meta-1"}).integer, 50);
  EXPECT_TRUE(*backend.RevokeUnlessBegun("2", {}));
  EXPECT_EQ(backend.Find("2")->state, "REVOKED");
  task.ignore_result = true;
  task.id = "3";
  EXPECT_TRUE(*backend.Store(task, {.state = "SUCCESS"}));
  EXPECT_EQ(backend.Find("3")->state, "PENDING");
}

TEST_F(BrokerTest, AChordEndsWithItsLastPartAndOnlyOnce) {
  FakeClock clock;
  Backend backend(&*client_, &clock, keys_, Milliseconds(60'000));
  Task part;
  part.group = "g";
  const auto add = [&](int index) {
    part.id = std::to_string(index);
    part.group_index = index;
    auto ended = backend.AddToChord(part, "SUCCESS", std::to_string(10 * index));
    EXPECT_TRUE(ended) << ended.error().message();
    return *ended;
  };
  EXPECT_FALSE(add(1));
  EXPECT_FALSE(add(1));  // After a crash.
  Run({"SET", "celery-taskset-meta-g.s", "2"});
  const auto parts = add(0);
  ASSERT_TRUE(parts);
  EXPECT_EQ(*parts,
            (std::vector<std::string>{R"([1,"0","SUCCESS",0])", R"([1,"1","SUCCESS",10])"}));
  EXPECT_FALSE(add(0));
}

TEST_F(BrokerTest, TellsWhereAMessageIsAndTakesItAway) {
  using Place = Whereabouts::Place;
  const Posted posted{"tag", Message("1", "tag"), "1"};
  const auto place = [&] { return a_->Locate(posted)->place; };
  EXPECT_EQ(place(), Place::kNowhere);
  ASSERT_TRUE(a_->Publish("", "gpen", "", posted.message, 5));
  EXPECT_EQ(place(), Place::kWaiting);
  ASSERT_TRUE(*a_->TakeAway(posted));
  EXPECT_EQ(place(), Place::kNowhere);
  EXPECT_FALSE(*a_->TakeAway(posted));

  ASSERT_TRUE(a_->Publish("", "gpen", "", posted.message, 5));
  ASSERT_TRUE(b_->Renew({}));
  Claim(*b_);
  EXPECT_EQ(place(), Place::kClaimed);
  EXPECT_EQ(a_->Locate(posted)->incarnation, "b/1");
  // Whoever works on it keeps it.
  EXPECT_FALSE(*a_->TakeAway(posted));
  EXPECT_EQ(place(), Place::kClaimed);
  ASSERT_TRUE(b_->SayGone("b/1"));
  EXPECT_EQ(place(), Place::kGone);
  ASSERT_TRUE(*a_->TakeAway(posted));
  EXPECT_EQ(*b_->RestoreOfTheGone(), 0);
  EXPECT_EQ(Waiting(), 0);
  EXPECT_FALSE(Run({"EXISTS", "unacked", "unacked_index", "gpen:claims", "gpen:attempts"}).integer);
}

}  // namespace
}  // namespace gpen::celery
