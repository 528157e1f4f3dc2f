// A service with aws-jwt-verify. In: a token, an issuer, where its keys are, which verifier. Out: what it says, as JSON.
import { createRequire } from "node:module";

const { ACCESS, IDENTITY, ISSUER, KEYS, PACKAGES } = process.env;
const { CognitoJwtVerifier, JwtVerifier } = createRequire(`${PACKAGES}/`)("aws-jwt-verify");

async function said(verifier, token) {
  try {
    return (await verifier.verify(token)).username ?? "verified";
  } catch (error) {
    return error.constructor.name;
  }
}

const keys = await (await fetch(KEYS)).json();
const plain = () => JwtVerifier.create({ issuer: ISSUER, audience: null, jwksUri: KEYS });
const fetching = plain();
const given = plain();
given.cacheJwks(keys);
const cognito = CognitoJwtVerifier.create({ userPoolId: "us-east-1_Local", tokenUse: "access", clientId: "web" });
cognito.cacheJwks(keys);
const other = CognitoJwtVerifier.create({ userPoolId: "us-east-1_Local", tokenUse: "access", clientId: "other" });
other.cacheJwks(keys);
console.log(
  JSON.stringify({
    fetching: await said(fetching, ACCESS),
    given: await said(given, ACCESS),
    cognito: await said(cognito, ACCESS),
    identity: await said(cognito, IDENTITY),
    other: await said(other, ACCESS),
  }),
);
