#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "query/foreign.h"

// A worker may make no sockets. What DuckDB's extensions ask of libc (socket, connect, getaddrinfo)
// ends here instead while a broker is set: names stand for the address that the server looked up,
// and connecting means asking the server for a socket that is connected already. Without a broker
// the calls are libc's own.
namespace firn::query {

// Gives a socket that is connected to the address.
using SocketBroker = std::function<Result<std::unique_ptr<OwnedDescriptor>>(
    const std::string& address, uint16_t port)>;

// From any thread; an empty broker is none.
void set_socket_broker(SocketBroker broker);
// What getaddrinfo says of the name from now on, until a broker is set. Other names do not resolve.
void broker_name(const std::string& name, const std::string& address);
// Ends every conversation over sockets that the broker gave, so that whoever waits for an answer
// there gets an error. From any thread.
void shut_down_brokered_sockets();
// Why the last connect() failed, in the server's words; empty where none did.
std::string broker_failure();

}  // namespace firn::query
