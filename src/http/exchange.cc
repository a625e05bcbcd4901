#include "http/exchange.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <utility>

#include "http/field_value.h"
#include "http/request_form.h"
#include "http/status_text.h"

namespace gpen::http {
namespace {

// A refused body up to this size is read to its end, so that the answer is a normal one.
constexpr std::int64_t kSmallBody = 1 << 20;
// Of larger ones this much is read after the early answer, so that a client that is still sending
// finds the answer instead of a broken connection.
constexpr std::int64_t kMaxDiscarded = std::int64_t{64} << 20;

// The lines of a header, and how many bytes they have where each ends with CR LF.
struct HeaderLines {
  Fields fields;
  std::size_t bytes = 0;
  bool whole = true;  // False where one was continued on the next line, which nobody may do.
};

MHD_Result AppendField(void* cls, MHD_ValueKind, const char* key, const char* value) {
  auto* lines = static_cast<HeaderLines*>(cls);
  const std::string_view text = value == nullptr ? "" : value;
  lines->fields.emplace_back(key, text);
  // Both lie in one buffer, the value behind its name.
  const std::less<const char*> before;
  lines->whole = lines->whole && value != nullptr && before(key, value);
  if (lines->whole) lines->bytes += static_cast<std::size_t>(value - key) + text.size() + 2;
  return MHD_YES;
}

// A bare line feed makes the header shorter than its lines are.
bool LinesEndAsTheyMust(MHD_Connection* connection, const Exchange::RequestLine& line,
                        const HeaderLines& lines) {
  if (kLibraryChecksLineEnds) return true;
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
  if (info == nullptr || !lines.whole) return false;
  const auto first =
      static_cast<std::size_t>(line.version - line.method) + std::strlen(line.version) + 2;
  return info->header_size == first + lines.bytes + 2;
}

// What libmicrohttpd holds while a BodySource is sent.
struct SourceState {
  std::unique_ptr<BodySource> source;
  std::shared_ptr<ConnectionGate> gate;
};

// libmicrohttpd, which is C, must see no exception.
BodySource::Piece ReadPiece(BodySource& source, std::span<std::byte> buffer) {
  try {
    return source.Read(buffer);
  } catch (...) {
    return {BodySource::Status::kFailed, 0};
  }
}

ssize_t ReadSource(void* cls, std::uint64_t, char* buffer, std::size_t size) {
  auto* state = static_cast<SourceState*>(cls);
  while (true) {
    if (state->gate->ended() || state->gate->abandoned()) return MHD_CONTENT_READER_END_WITH_ERROR;
    const auto piece = ReadPiece(*state->source, {reinterpret_cast<std::byte*>(buffer), size});
    switch (piece.status) {
      case BodySource::Status::kData:
        return static_cast<ssize_t>(piece.bytes);
      case BodySource::Status::kEnd:
        return MHD_CONTENT_READER_END_OF_STREAM;
      case BodySource::Status::kFailed:
        return MHD_CONTENT_READER_END_WITH_ERROR;
      case BodySource::Status::kWait:
        if (state->gate->Wait()) return 0;
    }
  }
}

void FreeSource(void* cls) { delete static_cast<SourceState*>(cls); }
void FreeText(void* cls) { delete static_cast<std::string*>(cls); }

MHD_Response* MakeMhdResponse(Response* response, const std::shared_ptr<ConnectionGate>& gate) {
  if (auto* text = std::get_if<std::string>(&response->body)) {
    auto* owned = new std::string(std::move(*text));
    return MHD_create_response_from_buffer_with_free_callback_cls(owned->size(), owned->data(),
                                                                  FreeText, owned);
  }
  if (auto* file = std::get_if<FileSlice>(&response->body)) {
    const auto length = static_cast<std::uint64_t>(file->length());
    const auto offset = static_cast<std::uint64_t>(file->offset());
    return MHD_create_response_from_fd_at_offset64(length, file->Release(), offset);
  }
  auto& source = std::get<std::unique_ptr<BodySource>>(response->body);
  source->SetWaker([weak = std::weak_ptr(gate)] {
    if (const auto open = weak.lock()) open->Open();
  });
  const std::size_t block = source->buffer_bytes();
  auto* state = new SourceState{std::move(source), gate};
  return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, block, ReadSource, state, FreeSource);
}

}  // namespace

std::string AddressText(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    ::inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
  } else if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
      ::inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], text.data(), text.size());
    } else {
      ::inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    }
  }
  return text.data();
}

Exchange::Exchange(const Context* context, MHD_Connection* connection, std::string raw_target)
    : context_(context),
      connection_(connection),
      gate_(std::make_shared<ConnectionGate>(connection)),
      raw_target_(std::move(raw_target)) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  if (info != nullptr) record_ = static_cast<ConnectionRecord*>(info->socket_context);
  context_->watch->AddGate(gate_, record_ == nullptr ? -1 : record_->socket);
}

Exchange::~Exchange() {
  gate_->Retire();
  context_->watch->RemoveGate(gate_);
  {
    const std::lock_guard lock(slot_->mutex);
    slot_->left = true;
  }
  if (record_ != nullptr) record_->Enter(ConnectionRecord::Phase::kHeader);
  if (!context_->options->on_finished || !begun_) return;
  try {
    context_->options->on_finished(
        {request_, status_, body_bytes_, std::chrono::steady_clock::now() - start_});
  } catch (...) {  // Not counted, for lack of memory.
  }
}

MHD_Result Exchange::Handle(const RequestLine& line, const char* data, std::size_t* size) {
  if (!begun_) return Begin(line);
  if (*size > 0) {
    const auto result = TakeBody(std::as_bytes(std::span(data, *size)));
    *size = 0;
    return result;
  }
  if (answered_early_) return MHD_NO;  // Answered outside of libmicrohttpd: only closing is left.
  if (!finished_) {
    finished_ = true;
    if (record_ != nullptr) record_->Enter(ConnectionRecord::Phase::kAnswer);
    if (reader_ != nullptr) reader_->Finish(MakeResponder());
  }
  return Answer();
}

// Errors: kInvalidArgument, where it cannot be said where the request ends.
Result<void> Exchange::ReadRequest(const RequestLine& line) {
  request_.method = MethodFromName(line.method);
  HeaderLines lines;
  MHD_get_connection_values(connection_, MHD_HEADER_KIND, AppendField, &lines);
  for (const auto& [name, value] : lines.fields) {
    request_.headers.emplace_back(LowerCase(name), value);
  }
  ReadProxy();
  GPEN_TRY(CheckForm(line.version, lines.fields));
  if (std::ranges::any_of(
          raw_target_, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; })) {
    return Error(ErrorCode::kInvalidArgument, "expected a target without spaces");
  }
  if (!LinesEndAsTheyMust(connection_, line, lines)) {
    return Error(ErrorCode::kInvalidArgument,
                 "expected every line of the header to end with CR LF, and none to be continued");
  }
  const auto length = Trim(request_.Header("content-length"));
  std::int64_t value = 0;
  const auto* const end = length.data() + length.size();
  if (!length.empty() && std::from_chars(length.data(), end, value).ptr == end) {
    request_.content_length = value;
  }
  request_.has_body =
      request_.content_length.value_or(0) > 0 || !request_.Header("transfer-encoding").empty();
  return {};
}

// Who the client is, and whether it speaks TLS, where a proxy says so that we trust.
void Exchange::ReadProxy() {
  if (record_ == nullptr) return;
  request_.remote_address = record_->peer;
  if (!context_->options->trusted_proxies.Contains(record_->peer)) return;
  request_.is_secure = EqualIgnoringCase(request_.Header("x-forwarded-proto"), "https");
  if (const auto told = Trim(request_.Header("x-real-ip")); IsAddress(told)) {
    request_.remote_address = told;
  }
  context_->watch->SetClient(record_, request_.remote_address);
}

MHD_Result Exchange::Begin(const RequestLine& line) {
  begun_ = true;
  const auto read = ReadRequest(line);
  if (!read) {
    // What follows may be a body or a request: nobody knows, so nothing more is read.
    if (record_ != nullptr) record_->Enter(ConnectionRecord::Phase::kAnswer);
    auto refusal = ErrorResponse(read.error());
    refusal.Set("Connection", "close");
    return Queue(std::move(refusal));
  }
  if (record_ != nullptr) {
    record_->Enter(request_.has_body ? ConnectionRecord::Phase::kBody
                                     : ConnectionRecord::Phase::kAnswer);
  }
  auto target = ParseTarget(raw_target_);
  if (!target) return Refuse(ErrorResponse(target.error()), request_.content_length.value_or(-1));
  request_.target = std::move(*target);
  auto begun = context_->router->Begin(&request_);
  if (auto* refusal = std::get_if<Response>(&begun)) {
    return Refuse(std::move(*refusal), request_.content_length.value_or(-1));
  }
  reader_ = std::move(std::get<std::unique_ptr<BodyReader>>(begun));
  return MHD_YES;
}

// `expected_bytes` of the body are still to come; -1: not known.
MHD_Result Exchange::Refuse(Response response, std::int64_t expected_bytes) {
  reader_.reset();
  const bool waits_for_permission = body_bytes_ == 0 && !request_.Header("expect").empty();
  const bool has_small_body = expected_bytes >= 0 && expected_bytes <= kSmallBody;
  if (body_bytes_ == 0 && (!request_.has_body || waits_for_permission)) {
    return Queue(std::move(response));
  }
  if (has_small_body) {
    MakeResponder().Send(std::move(response));
  } else {
    SendNow(std::move(response));
  }
  return MHD_YES;
}

MHD_Result Exchange::TakeBody(std::span<const std::byte> bytes) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (record_ != nullptr) record_->body_bytes += size;
  if (reader_ == nullptr) {
    discarded_bytes_ += size;
    return discarded_bytes_ > kMaxDiscarded ? MHD_NO : MHD_YES;
  }
  body_bytes_ += size;
  const auto written = reader_->Write(bytes);
  if (written) return MHD_YES;
  const std::int64_t left = request_.content_length ? *request_.content_length - body_bytes_ : -1;
  return Refuse(ErrorResponse(written.error()), left);
}

MHD_Result Exchange::Answer() {
  while (true) {
    {
      const std::lock_guard lock(slot_->mutex);
      if (slot_->response) {
        Response response = std::move(*slot_->response);
        slot_->response.reset();
        return Queue(std::move(response));
      }
    }
    if (gate_->ended()) {
      return Queue(ErrorResponse(503, "unavailable", "the service is stopping: try again later"));
    }
    if (gate_->abandoned()) return MHD_NO;
    if (gate_->Wait()) return MHD_YES;
  }
}

MHD_Result Exchange::Queue(Response response) {
  status_ = response.status;
  HideFromClients(&response);
  for (const auto& [name, value] : context_->options->default_headers) {
    if (response.Header(name).empty()) response.Set(name, value);
  }
  MHD_Response* message = MakeMhdResponse(&response, gate_);
  if (message == nullptr) return MHD_NO;
  for (const auto& [name, value] : response.headers) {
    MHD_add_response_header(message, name.c_str(), value.c_str());
  }
  const auto result =
      MHD_queue_response(connection_, static_cast<unsigned>(response.status), message);
  MHD_destroy_response(message);
  return result;
}

void Exchange::HideFromClients(Response* response) const {
  if (response->status < 400 || !context_->options->error_text) return;
  if (auto* text = std::get_if<std::string>(&response->body)) {
    *text = context_->options->error_text(std::move(*text));
  }
}

// libmicrohttpd takes no answer in the middle of a body: it is written to the socket beside it.
void Exchange::SendNow(Response response) {
  answered_early_ = true;
  HideFromClients(&response);
  status_ = response.status;
  const auto* body = std::get_if<std::string>(&response.body);
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\nConnection: close\r\nContent-Length: {}\r\n", response.status,
                  StatusText(response.status), body == nullptr ? 0 : body->size());
  for (const auto& [name, value] : response.headers) {
    text += fmt::format("{}: {}\r\n", name, value);
  }
  for (const auto& [name, value] : context_->options->default_headers) {
    if (response.Header(name).empty()) text += fmt::format("{}: {}\r\n", name, value);
  }
  text += "\r\n";
  if (body != nullptr) text += *body;
  // Short enough for the socket's buffer; where even that is full, the client does not read anyway.
  if (record_ != nullptr)
    ::send(record_->socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

Responder Exchange::MakeResponder() const {
  const auto deliver = [slot = slot_, weak = std::weak_ptr(gate_)](Response response) {
    const std::lock_guard lock(slot->mutex);
    if (slot->sent) return;
    slot->sent = true;
    slot->response = std::move(response);
    if (const auto gate = weak.lock()) gate->Open();
  };
  return Responder(deliver, [slot = slot_] {
    const std::lock_guard lock(slot->mutex);
    return !slot->left;
  });
}

}  // namespace gpen::http
