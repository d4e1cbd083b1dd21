#include "mcp/tests/conformance/fixtures.h"

#include <chrono>
#include <thread>

namespace firn::mcp::conformance {
namespace {

// One red pixel, and a tenth of a millisecond of silence.
constexpr std::string_view kPng =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg"
    "==";
constexpr std::string_view kWav =
    "UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQQAAACAgICA";
constexpr std::string_view kSchema2020 =
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema",
"type":"object","$defs":{"address":{"$anchor":"addressDef","type":"object","properties":{
"street":{"type":"string"},"city":{"type":"string"}}}},"properties":{"name":{"type":"string"},
"address":{"$ref":"#/$defs/address"},"contactMethod":{"type":"string","enum":["phone","email"]},
"phone":{"type":"string"},"email":{"type":"string"}},
"allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],
"if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},
"then":{"required":["phone"]},"else":{"required":["email"]},"additionalProperties":false})";

std::string text_content(std::string_view text) {
  return R"({"type":"text","text":)" + quoted(text) + "}";
}
std::string content(const std::string& items) { return "{\"content\":[" + items + "]}"; }
std::string text_result(std::string_view text) { return content(text_content(text)); }
std::string image() {
  return R"({"type":"image","data":")" + std::string(kPng) + R"(","mimeType":"image/png"})";
}
std::string resource(std::string_view uri, std::string_view type, std::string_view text) {
  return R"({"type":"resource","resource":{"uri":)" + quoted(uri) +
         ",\"mimeType\":" + quoted(type) + ",\"text\":" + quoted(text) + "}}";
}
void wait_a_little() { std::this_thread::sleep_for(std::chrono::milliseconds(50)); }

std::string argument(const CallPtr& call, std::string_view name) {
  const Json* arguments = object_member(call->params(), "arguments");
  return arguments != nullptr ? string_member(*arguments, name).value_or("") : "";
}

InputRequest elicitation(std::string_view message, std::string_view name, std::string_view type) {
  return {"elicitation/create", "{\"message\":" + quoted(message) +
                                    R"(,"requestedSchema":{"type":"object","properties":{)" +
                                    quoted(name) + ":{\"type\":" + quoted(type) +
                                    "}},\"required\":[" + quoted(name) + "]}}"};
}
InputRequest sampling(std::string_view prompt, int tokens) {
  return {"sampling/createMessage", R"({"messages":[{"role":"user","content":)" +
                                        text_content(prompt) +
                                        "}],\"maxTokens\":" + std::to_string(tokens) + "}"};
}
InputRequest roots() { return {"roots/list", "{}"}; }

// The text that the client's model gave for a key; none where there is none.
std::optional<std::string> sampled(const CallPtr& call, std::string_view key) {
  const Json* response = call->input_response(key);
  const Json* made = response != nullptr ? object_member(*response, "content") : nullptr;
  return made != nullptr ? string_member(*made, "text") : std::nullopt;
}
// What the person filled in for a key; null where there is none.
const Json* elicited(const CallPtr& call, std::string_view key) {
  const Json* response = call->input_response(key);
  return response != nullptr ? object_member(*response, "content") : nullptr;
}

constexpr std::string_view kPrompts = R"([
{"name":"test_simple_prompt","description":"A prompt without arguments"},
{"name":"test_prompt_with_arguments","description":"A prompt with two arguments","arguments":[
 {"name":"arg1","description":"The first","required":true},
 {"name":"arg2","description":"The second","required":true}]},
{"name":"test_prompt_with_embedded_resource","description":"A prompt with a resource in it",
 "arguments":[{"name":"resourceUri","description":"Its URI","required":true}]},
{"name":"test_prompt_with_image","description":"A prompt with an image"},
{"name":"test_input_required_result_prompt","description":"A prompt that asks for its context"}])";

constexpr std::string_view kResources = R"([
{"uri":"test://static-text","name":"static-text","description":"A text","mimeType":"text/plain"},
{"uri":"test://static-binary","name":"static-binary","description":"An image","mimeType":"image/png"},
{"uri":"test://watched-resource","name":"watched-resource","description":"To subscribe to","mimeType":"text/plain"}])";

std::string cached(std::string_view member, std::string_view list) {
  return "{\"" + std::string(member) + "\":" + std::string(list) +
         ",\"ttlMs\":0,\"cacheScope\":\"private\"}";
}

}  // namespace

Fixtures::Fixtures() {
  add_contents();
  add_streams();
  add_questions();
  add_input_required();
  add_input_required_states();
}

void Fixtures::add(const std::string& name, std::string description,
                   std::function<void(const CallPtr&)> handler, bool blocking,
                   std::string input_schema) {
  tools_.emplace(
      name, Tool{std::move(description), std::move(input_schema), std::move(handler), blocking});
}

void Fixtures::add_contents() {
  add("test_simple_text", "Gives a text", [](const CallPtr& call) {
    call->respond(text_result("This is a simple text response for testing."));
  });
  add("test_image_content", "Gives an image",
      [](const CallPtr& call) { call->respond(content(image())); });
  add("test_audio_content", "Gives a sound", [](const CallPtr& call) {
    call->respond(content(R"({"type":"audio","data":")" + std::string(kWav) +
                          R"(","mimeType":"audio/wav"})"));
  });
  add("test_embedded_resource", "Gives a resource", [](const CallPtr& call) {
    call->respond(content(resource("test://embedded-resource", "text/plain",
                                   "This is an embedded resource content.")));
  });
  add("test_multiple_content_types", "Gives three kinds of content", [](const CallPtr& call) {
    call->respond(content(text_content("Multiple content types test:") + "," + image() + "," +
                          resource("test://mixed-content-resource", "application/json",
                                   R"({"test":"data","value":123})")));
  });
  add("test_error_handling", "Fails", [](const CallPtr& call) {
    call->respond(R"({"isError":true,"content":[)" +
                  text_content("This tool intentionally returns an error for testing") + "]}");
  });
  add(
      "json_schema_2020_12_tool", "Has a schema with much of JSON Schema 2020-12",
      [](const CallPtr& call) { call->respond(text_result("done")); }, false,
      std::string(kSchema2020));
  add("test_missing_capability", "Takes a client that samples", [](const CallPtr& call) {
    if (sampled(call, "answer")) return call->respond(text_result("done"));
    call->require_input({{"answer", sampling("Say yes", 10)}});
  });
  add("test_trigger_tool_change", "Says that the tools are others now",
      [this](const CallPtr& call) {
        if (on_tools_changed) on_tools_changed();
        call->respond(text_result("done"));
      });
  add("test_trigger_prompt_change", "Says that the prompts are others now",
      [this](const CallPtr& call) {
        if (on_prompts_changed) on_prompts_changed();
        call->respond(text_result("done"));
      });
}

void Fixtures::add_streams() {
  const auto logging = [](const CallPtr& call) {
    call->log("info", "\"Tool execution started\"");
    wait_a_little();
    call->log("info", "\"Tool processing data\"");
    wait_a_little();
    call->log("info", "\"Tool execution completed\"");
    call->respond(text_result("logged"));
  };
  add("test_tool_with_logging", "Logs three times", logging, true);
  add("test_logging_tool", "Logs three times", logging, true);
  add(
      "test_tool_with_progress", "Tells its progress",
      [](const CallPtr& call) {
        call->progress(0, 100);
        wait_a_little();
        call->progress(50, 100);
        wait_a_little();
        call->progress(100, 100);
        call->respond(text_result("done"));
      },
      true);
}

void Fixtures::add_questions() {
  add(
      "test_sampling", "Asks the client's model",
      [](const CallPtr& call) {
        if (const auto answer = sampled(call, "answer")) {
          return call->respond(text_result("LLM response: " + *answer));
        }
        call->require_input({{"answer", sampling(argument(call, "prompt"), 100)}});
      },
      false,
      R"({"type":"object","properties":{"prompt":{"type":"string"}},"required":["prompt"]})");
  const auto ask = [this](const std::string& name, const std::string& description,
                          const std::string& schema, const std::string& before) {
    add(
        name, description,
        [schema, before](const CallPtr& call) {
          if (const Json* answer = call->input_response("answer")) {
            const Json* given = object_member(*answer, "content");
            return call->respond(
                text_result(before + ": action=" + string_member(*answer, "action").value_or("") +
                            ", content=" + (given != nullptr ? given->to_json() : "{}")));
          }
          std::string message = argument(call, "message");
          if (message.empty()) message = "Please fill this in";
          call->require_input(
              {{"answer",
                {"elicitation/create",
                 "{\"message\":" + quoted(message) + ",\"requestedSchema\":" + schema + "}"}}});
        },
        false, R"({"type":"object","properties":{"message":{"type":"string"}}})");
  };
  ask("test_elicitation", "Asks the person",
      R"({"type":"object","properties":{"username":{"type":"string","description":"User's response"},
"email":{"type":"string","description":"User's email address"}},"required":["username","email"]})",
      "User response");
  ask("test_streaming_elicitation", "Asks the person",
      R"({"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]})",
      "User response");
  ask("test_elicitation_sep1034_defaults", "Asks with defaults",
      R"({"type":"object","properties":{"name":{"type":"string","default":"John Doe"},
"age":{"type":"integer","default":30},"score":{"type":"number","default":95.5},
"status":{"type":"string","enum":["active","inactive","pending"],"default":"active"},
"verified":{"type":"boolean","default":true}}})",
      "Elicitation completed");
  ask("test_elicitation_sep1330_enums", "Asks with every kind of choice",
      R"({"type":"object","properties":{
"untitledSingle":{"type":"string","enum":["option1","option2","option3"]},
"titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},{"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},
"legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],"enumNames":["Option One","Option Two","Option Three"]},
"untitledMulti":{"type":"array","items":{"type":"string","enum":["option1","option2","option3"]}},
"titledMulti":{"type":"array","items":{"anyOf":[{"const":"value1","title":"First Choice"},{"const":"value2","title":"Second Choice"},{"const":"value3","title":"Third Choice"}]}}}})",
      "Elicitation completed");
}

void Fixtures::add_input_required() {
  add("test_input_required_result_elicitation", "Asks for a name", [](const CallPtr& call) {
    const Json* given = elicited(call, "user_name");
    const auto name = given != nullptr ? string_member(*given, "name") : std::nullopt;
    if (name) return call->respond(text_result("Hello, " + *name + "!"));
    call->require_input({{"user_name", elicitation("What is your name?", "name", "string")}});
  });
  add("test_input_required_result_sampling", "Asks the client's model", [](const CallPtr& call) {
    if (const auto answer = sampled(call, "capital_question")) {
      return call->respond(text_result(*answer));
    }
    call->require_input({{"capital_question", sampling("What is the capital of France?", 100)}});
  });
  add("test_input_required_result_list_roots", "Asks for the roots", [](const CallPtr& call) {
    if (const Json* given = call->input_response("client_roots")) {
      return call->respond(text_result("Roots: " + given->to_json()));
    }
    call->require_input({{"client_roots", roots()}});
  });
  add("test_input_required_result_multiple_inputs", "Asks three things at once",
      [](const CallPtr& call) {
        const Json* name = elicited(call, "user_name");
        const auto greeting = sampled(call, "greeting");
        const Json* given = call->input_response("client_roots");
        if (call->state() && name != nullptr && greeting && given != nullptr) {
          return call->respond(text_result(*greeting + " " + name->to_json() + given->to_json()));
        }
        call->require_input({{"user_name", elicitation("What is your name?", "name", "string")},
                             {"greeting", sampling("Generate a greeting", 50)},
                             {"client_roots", roots()}},
                            "multiple");
      });
  add("test_input_required_result_capabilities", "Asks what the client can",
      [](const CallPtr& call) {
        InputRequests requests;
        if (call->client_can("sampling")) requests.emplace("sampled", sampling("Say yes", 10));
        if (call->client_can("elicitation")) {
          requests.emplace("elicited", elicitation("Is it so?", "ok", "boolean"));
        }
        const bool answered = sampled(call, "sampled") || elicited(call, "elicited") != nullptr;
        if (requests.empty() || answered) return call->respond(text_result("done"));
        call->require_input(std::move(requests));
      });
}

void Fixtures::add_input_required_states() {
  const auto confirmed = [](const CallPtr& call) {
    if (call->state() == "confirm" && elicited(call, "confirm") != nullptr) {
      return call->respond(text_result("state-ok"));
    }
    call->require_input({{"confirm", elicitation("Please confirm", "ok", "boolean")}}, "confirm");
  };
  add("test_input_required_result_request_state", "Asks with a state", confirmed);
  add("test_input_required_result_tampered_state", "Asks with a state", confirmed);
  add("test_input_required_result_multi_round", "Asks twice", [](const CallPtr& call) {
    if (call->state() == "round-2" && elicited(call, "step2") != nullptr) {
      return call->respond(text_result("Both rounds are done"));
    }
    if (call->state() == "round-1" && elicited(call, "step1") != nullptr) {
      return call->require_input(
          {{"step2", elicitation("Step 2: What is your favorite color?", "color", "string")}},
          "round-2");
    }
    call->require_input({{"step1", elicitation("Step 1: What is your name?", "name", "string")}},
                        "round-1");
  });
}

ServerDescription Fixtures::describe() const {
  ServerDescription about;
  about.name = "firn-mcp-conformance";
  about.title = "Firn's MCP layer with the fixtures of the conformance suite";
  about.version = FIRN_VERSION;
  about.logging = true;
  about.resource_updates = true;
  about.tools_change = true;
  about.prompts_change = true;
  return about;
}

void Fixtures::list_tools(CallPtr call) {
  std::string list = "[";
  for (const auto& [name, tool] : tools_) {
    if (list.size() > 1) list += ',';
    list += "{\"name\":" + quoted(name) + ",\"description\":" + quoted(tool.description) +
            ",\"inputSchema\":" + tool.input_schema + "}";
  }
  call->respond(cached("tools", list + "]"));
}

void Fixtures::call_tool(CallPtr call) {
  const auto found = tools_.find(string_member(call->params(), "name").value_or(""));
  if (found == tools_.end()) {
    return call->fail({rpc_code::kInvalidParams, "there is no such tool"});
  }
  const Tool& tool = found->second;
  if (!tool.blocking) return tool.handler(call);
  if (!pool_.try_submit([&tool, call] { tool.handler(call); })) {
    call->fail(Error(ErrorCode::kOverloaded, "too many tools run"));
  }
}

void Fixtures::list_resources(CallPtr call) { call->respond(cached("resources", kResources)); }

void Fixtures::list_resource_templates(CallPtr call) {
  call->respond(cached("resourceTemplates",
                       R"([{"uriTemplate":"test://template/{id}/data","name":"template",
"description":"Data of an id","mimeType":"application/json"}])"));
}

void Fixtures::read_resource(CallPtr call) {
  const std::string uri = string_member(call->params(), "uri").value_or("");
  constexpr std::string_view kBefore = "test://template/";
  constexpr std::string_view kAfter = "/data";
  std::string rest;
  if (uri == "test://static-text") {
    rest = R"("mimeType":"text/plain","text":"This is the content of the static text resource.")";
  } else if (uri == "test://static-binary") {
    rest = R"("mimeType":"image/png","blob":")" + std::string(kPng) + "\"";
  } else if (uri == "test://watched-resource") {
    rest = R"("mimeType":"text/plain","text":"watched")";
  } else if (uri.starts_with(kBefore) && uri.ends_with(kAfter) &&
             uri.size() > kBefore.size() + kAfter.size()) {
    const std::string id = uri.substr(kBefore.size(), uri.size() - kBefore.size() - kAfter.size());
    rest = R"("mimeType":"application/json","text":)" +
           quoted("{\"id\":" + quoted(id) +
                  ",\"templateTest\":true,\"data\":" + quoted("Data for ID: " + id) + "}");
  } else {
    RpcError error{rpc_code::kInvalidParams, "Resource not found", Json::object()};
    error.data->set("uri", json_string(uri));
    return call->fail(error);
  }
  call->respond(cached("contents", "[{\"uri\":" + quoted(uri) + "," + rest + "}]"));
}

void Fixtures::list_prompts(CallPtr call) { call->respond(cached("prompts", kPrompts)); }

void Fixtures::get_prompt(CallPtr call) {
  const std::string name = string_member(call->params(), "name").value_or("");
  const auto message = [](const std::string& item) {
    return R"({"role":"user","content":)" + item + "}";
  };
  const auto messages = [](const std::string& items) { return "{\"messages\":[" + items + "]}"; };
  if (name == "test_simple_prompt") {
    return call->respond(messages(message(text_content("This is a simple prompt for testing."))));
  }
  if (name == "test_prompt_with_arguments") {
    return call->respond(
        messages(message(text_content("Prompt with arguments: arg1='" + argument(call, "arg1") +
                                      "', arg2='" + argument(call, "arg2") + "'"))));
  }
  if (name == "test_prompt_with_embedded_resource") {
    return call->respond(
        messages(message(resource(argument(call, "resourceUri"), "text/plain",
                                  "Embedded resource content for testing.")) +
                 "," + message(text_content("Please process the embedded resource above."))));
  }
  if (name == "test_prompt_with_image") {
    return call->respond(messages(message(image()) + "," +
                                  message(text_content("Please analyze the image above."))));
  }
  if (name == "test_input_required_result_prompt") {
    const Json* given = elicited(call, "user_context");
    if (given != nullptr) return call->respond(messages(message(text_content(given->to_json()))));
    return call->require_input({{"user_context", elicitation("What context should the prompt use?",
                                                             "context", "string")}});
  }
  call->fail({rpc_code::kInvalidParams, "there is no such prompt"});
}

void Fixtures::complete(CallPtr call) {
  call->respond(R"({"completion":{"values":["paris","park","party"],"total":3,"hasMore":false}})");
}

}  // namespace firn::mcp::conformance
