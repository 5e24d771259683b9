"""Dead letters as Lambda leaves them in SQS: the event is the body, why it was given up stands in the attributes."""

import asyncio
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.async_invocations import DeadLetter
from sandbox.console import say
from sandbox.outcome import FailureKind

# Lambda: "the first 1 KB of the error message".
_LONGEST_MESSAGE = 1_024
# Lambda: "the HTTP status code" of the invocation, and a function that raises was invoked.
_CODES = {FailureKind.FUNCTION: "200", FailureKind.UNAVAILABLE: "429"}


class DeadLetters:
    """`sqs` is a boto3 client."""

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs

    async def leave(self, letter: DeadLetter) -> None:
        """Puts it into its queue. Never raises: as at Amazon's, a letter that cannot be left is lost, and told."""
        try:
            await asyncio.to_thread(self._send, letter)
        except (BotoCoreError, ClientError) as error:
            say(f"sandbox: a dead letter for {letter.queue} was lost: {type(error).__name__}")

    def _send(self, letter: DeadLetter) -> None:
        url = self._sqs.get_queue_url(QueueName=letter.queue)["QueueUrl"]
        told = {"RequestID": ("String", letter.request_id), "ErrorCode": ("Number", _CODES[letter.failure.kind])}
        if letter.failure.message:
            message = letter.failure.message.encode()[:_LONGEST_MESSAGE].decode(errors="ignore")
            told["ErrorMessage"] = ("String", message)
        attributes = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in told.items()}
        self._sqs.send_message(QueueUrl=url, MessageBody=letter.event.decode(), MessageAttributes=attributes)
